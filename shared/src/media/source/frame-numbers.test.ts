import { describe, expect, it } from 'vitest';
import { frameNumbers } from './frame-numbers.ts';

/** Twelve pictures from the middle of an episode, with times as a container rounds them. */
function row(frameTicks: number, first: number): number[] {
  return Array.from({ length: 12 }, (_, n) => Math.round((first + n) * frameTicks));
}

const numbers = (shown: number[], zero = 0) =>
  frameNumbers({ shown, firstKeyPts: 0 }, zero, { firstPts: shown[3]!, endPts: 0, frameCount: 5 });

describe('frameNumbers', () => {
  it.each([
    ['23.976', 3753.75],
    ['24', 3750],
    ['25', 3600],
    ['29.97', 3003],
    ['50', 1800],
    ['59.94', 1501.5],
  ])('counts frames hours into an episode of %s fps', (_, frameTicks) => {
    expect(numbers(row(frameTicks, 900_000))).toEqual({ firstFrame: 900_003, lastFrame: 900_007 });
  });

  it('counts from where the episode begins', () => {
    expect(numbers(row(3000, 100), 60_000)).toEqual({ firstFrame: 83, lastFrame: 87 });
  });

  it('does not count what is irregular or unusual', () => {
    const late = row(3000, 100).map((pts, n) => (n > 5 ? pts + 1500 : pts));
    expect(numbers(late)).toBeUndefined();
    expect(numbers(row(3210, 100))).toBeUndefined();
  });
});
