import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CUT_POINTS, planCases, SEGMENT_COUNTS } from './plan-cases.ts';

const SHAPE = {
  frameCount: 1000,
  framesPerSecond: 25,
  keyFrames: [0, 50, 100, 350, 600, 610, 900],
  chunkStarts: [0, 350, 600, 900],
};

describe('planCases', () => {
  it('gives the same cases for the same seed, and others for another', () => {
    expect(planCases(SHAPE, 1)).toEqual(planCases(SHAPE, 1));
    expect(planCases(SHAPE, 1)).not.toEqual(planCases(SHAPE, 2));
  });

  it('asks for frames the episode has, at least one at a time', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        for (const [first, end] of planCases(SHAPE, seed).flatMap(({ segments }) => segments)) {
          expect(first).toBeGreaterThanOrEqual(0);
          expect(end).toBeGreaterThan(first);
          expect(end).toBeLessThanOrEqual(SHAPE.frameCount);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('has every cut point in clips of every number of segments', () => {
    const cases = planCases(SHAPE, 3);
    for (const count of SEGMENT_COUNTS) {
      const clips = cases.filter(({ segments }) => segments.length === count);
      expect(clips.length).toBe(Math.ceil(CUT_POINTS.length / count));
      const segments = clips.flatMap((clip) => clip.segments);
      expect(segments.some(([first]) => first === 0)).toBe(true);
      expect(segments.some(([, end]) => end === SHAPE.frameCount)).toBe(true);
      expect(segments.some(([first, end]) => end === first + 1)).toBe(true);
      const edges = segments.flat();
      expect(SHAPE.keyFrames.some((key) => edges.includes(key - 1))).toBe(true);
      expect(SHAPE.keyFrames.some((key) => edges.includes(key + 1))).toBe(true);
    }
  });
});
