import { describe, expect, it } from 'vitest';
import { ALL_LENGTHS, ALL_SEGMENTS, EPISODE_SECONDS, planCases, spansOf } from './cases.ts';
import { FRAMES_PER_SECOND, lengthMs } from './cut-task.ts';

const GOP_MS = 2_000;
const all = planCases(ALL_LENGTHS, ALL_SEGMENTS).flat();

describe.each(all)('$name', (cutCase) => {
  const spans = spansOf(cutCase);

  it('has as many segments and seconds as it should', () => {
    expect(spans).toHaveLength(cutCase.segments);
    expect(lengthMs(spans)).toBe(cutCase.seconds * 1000);
  });

  it('lies inside the episode, in order, with something between its segments', () => {
    let endMs = -1;
    for (const span of spans) {
      expect(span[0]).toBeGreaterThan(endMs);
      endMs = span[1];
    }
    expect(endMs).toBeLessThanOrEqual(EPISODE_SECONDS * 1000);
  });

  it('is cut between frames, off the key frames', () => {
    for (const edge of spans.flat()) {
      expect((edge * FRAMES_PER_SECOND) % 1000).toBe(0);
      expect(edge % GOP_MS).not.toBe(0);
    }
  });
});

it('leaves out segments that nobody asks for', () => {
  expect(all).not.toContainEqual(expect.objectContaining({ seconds: 5, segments: 20 }));
});

it('makes the clip of both episodes in turns', () => {
  const groups = planCases(ALL_LENGTHS, ALL_SEGMENTS).filter((group) => group.length > 1);
  expect(groups.map((group) => group.map(({ episode }) => episode))).toEqual([['short', 'long']]);
  expect(planCases([5], [1]).flat()).toHaveLength(1);
});
