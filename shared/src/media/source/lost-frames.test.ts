import { describe, expect, it } from 'vitest';
import { lostFrames } from './lost-frames.ts';

const SECOND = 90_000;
const ZERO = 126_000;

/** When frames are shown that last so long each, in seconds. */
function shown(...steps: readonly number[]): number[] {
  const times = [ZERO];
  for (const seconds of steps) times.push(times.at(-1)! + Math.round(seconds * SECOND));
  return times;
}

const row = (count: number, seconds: number): number[] => Array(count).fill(seconds);
const alternating = (count: number, ...seconds: number[]): number[] =>
  Array.from({ length: count }, (_, n) => seconds[n % seconds.length]!);

/** In seconds after the first frame. */
const lost = (...steps: readonly number[]) =>
  lostFrames(shown(...steps)).map(({ from, to }) =>
    [from, to].map((pts) => Number(((pts - ZERO) / SECOND).toFixed(2))),
  );

describe('frames are lost', () => {
  it.each<[name: string, steps: number[], found: number[][]]>([
    ['between steady rows', [...row(75, 0.04), 2, ...row(75, 0.04)], [[3.04, 5]]],
    [
      'twice',
      [...row(100, 0.04), 1, ...row(100, 0.04), 1.5, ...row(100, 0.04)],
      [
        [4.04, 5],
        [9.04, 10.5],
      ],
    ],
    ['behind the first few frames', [...row(4, 0.04), 2, ...row(75, 0.04)], [[0.2, 2.16]]],
    ['before the last few frames', [...row(75, 0.04), 2, ...row(4, 0.04)], [[3.04, 5]]],
    [
      'where B-frames fray the edges',
      [...row(70, 0.04), 0.04, 0.08, 2, 0.04, 0.08, ...row(70, 0.04)],
      [[2.96, 4.92]],
    ],
    [
      'of times in whole milliseconds',
      [...alternating(90, 0.033, 0.033, 0.034), 1.5, ...alternating(90, 0.033, 0.033, 0.034)],
      [[3.03, 4.5]],
    ],
    [
      'of times in whole milliseconds, at 120 fps',
      [...alternating(360, 0.008, 0.008, 0.009), 1.5, ...alternating(360, 0.008, 0.008, 0.009)],
      [[3.01, 4.5]],
    ],
    ['of 5 a second', [...row(30, 0.2), 3, ...row(30, 0.2)], [[6.2, 9]]],
    [
      'long before a row of stills',
      [...row(300, 0.04), 2, ...row(300, 0.04), ...row(20, 4)],
      [[12.04, 14]],
    ],
  ])('%s', (_, steps, found) => {
    expect(lost(...steps)).toEqual(found);
  });
});

describe('nothing is lost', () => {
  it.each<[name: string, steps: number[]]>([
    ['where nothing is missing', row(200, 0.04)],
    ['for half a second', [...row(75, 0.04), 0.53, ...row(75, 0.04)]],
    ['for three frames of 5 a second', [...row(30, 0.2), 0.8, ...row(30, 0.2)]],
    ['of a frame a second', row(30, 1)],
    ['of one every ten seconds', row(30, 10)],
    ['in slides', [3, 5, 2, 8, 4, 4, 6, 3, 7]],
    ['in slides that all stay equally long, but for one', [...row(10, 5), 20, ...row(10, 5)]],
    [
      'between slides that fade',
      [1, 2, 3, 4].flatMap((seconds) => [...row(25, 0.04), 2 + seconds]),
    ],
    [
      'where a screen moves now and then',
      [...row(50, 0.04), 1, ...row(50, 0.04), 1, ...row(50, 0.04), 1, ...row(50, 0.04)],
    ],
    [
      'of a screen that is recorded when it changes',
      [...alternating(60, 0.04, 0.12, 0.08, 0.2, 0.04), 2, ...alternating(60, 0.12, 0.04, 0.28)],
    ],
    ['where steps alternate', alternating(200, 0.0334, 0.05)],
    [
      'in a still between steps that alternate',
      [...alternating(75, 0.0334, 0.05), 2, ...alternating(75, 0.0334, 0.05)],
    ],
    ['before a still that stays to the end', [...row(75, 0.04), 2]],
    ['between two frames', [2]],
    ['in one', []],
  ])('%s', (_, steps) => {
    expect(lost(...steps)).toEqual([]);
  });

  it('without frames', () => {
    expect(lostFrames([])).toEqual([]);
  });
});
