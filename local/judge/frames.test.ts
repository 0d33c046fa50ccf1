import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frameTimeMs, parseFrameRate } from '../sample/frame-rate.ts';
import { framesIn, judgePictures, judgeSegments } from './frames.ts';
import { placeFrames } from './place-frames.ts';

const NTSC = parseFrameRate('30000/1001');

describe('framesIn', () => {
  it('takes the frames of the half-open interval', () => {
    expect(framesIn({ startMs: 1000, endMs: 2000 }, parseFrameRate('25'), 500)).toEqual({
      first: 25,
      last: 49,
    });
  });

  it('ends with the episode and begins with it', () => {
    const range = framesIn({ startMs: -500, endMs: 99_000 }, parseFrameRate('30'), 300);
    expect(range).toEqual({ first: 0, last: 299 });
  });

  it('finds the frames whose times, rounded to milliseconds, were asked for', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('24', '25', '30', '24000/1001', '30000/1001', '60'),
        fc.integer({ min: 0, max: 900_000 }),
        fc.integer({ min: 1, max: 5000 }),
        fc.constantFrom(Math.floor, Math.round, Math.ceil),
        (fps, first, count, round) => {
          const rate = parseFrameRate(fps);
          const startMs = round(frameTimeMs(first, rate));
          const endMs = round(frameTimeMs(first + count, rate));
          const range = framesIn({ startMs, endMs }, rate, 1_000_000);
          expect(range).toEqual({ first, last: first + count - 1 });
        },
      ),
    );
  });
});

describe('segments told by the order of the frames', () => {
  const judge = (numbers: number[], wanted: [number, number][]) => {
    const frames = numbers.map((number, k) => ({ number, timeMs: frameTimeMs(k, NTSC) }));
    const ranges = wanted.map(([first, last]) => ({ first, last }));
    const placed = placeFrames(frames, ranges, NTSC);
    return {
      edges: judgeSegments(placed, ranges).map((s) => [s.startErrorFrames, s.endErrorFrames]),
      picture: judgePictures(frames, placed, ranges, () => frameTimeMs(1, NTSC)),
    };
  };
  const run = (first: number, last: number) =>
    Array.from({ length: last - first + 1 }, (_, k) => first + k);

  it('keeps a repeated segment apart', () => {
    const { edges, picture } = judge(
      [...run(10, 60), ...run(10, 60)],
      [
        [10, 60],
        [10, 60],
      ],
    );
    expect(edges).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(picture).toMatchObject({ missing: 0, duplicated: 0, outOfOrder: 0 });
  });

  it('sees an overlapping segment start early', () => {
    const { edges, picture } = judge(
      [...run(10, 90), ...run(49, 120)],
      [
        [10, 90],
        [50, 120],
      ],
    );
    expect(edges).toEqual([
      [0, 0],
      [-1, 0],
    ]);
    expect(picture).toMatchObject({ duplicated: 1, outOfOrder: 0 });
  });

  it('takes a small step back for disorder, not for the segment that follows', () => {
    const { edges, picture } = judge(
      [...run(10, 85), 87, 86, ...run(88, 120)],
      [
        [10, 90],
        [91, 120],
      ],
    );
    expect(edges).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(picture).toMatchObject({ outOfOrder: 1, missing: 0, duplicated: 0 });
  });

  it('tells the second asking for a frame from the first', () => {
    const ranges: [number, number][] = [
      [10, 10],
      [10, 10],
      [10, 30],
      [30, 30],
      [30, 40],
      [40, 45],
    ];
    const { edges, picture } = judge(
      ranges.flatMap(([first, last]) => run(first, last)),
      ranges,
    );
    expect(edges).toEqual(ranges.map(() => [0, 0]));
    expect(picture).toMatchObject({ missing: 0, duplicated: 0, outOfOrder: 0, extra: 0 });
  });

  it('takes a frame that came twice for no segment of its own', () => {
    const { edges, picture } = judge(
      [...run(10, 30), 30, ...run(31, 60)],
      [
        [10, 40],
        [41, 60],
      ],
    );
    expect(edges).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(picture).toMatchObject({ missing: 0, duplicated: 1, outOfOrder: 0 });
  });

  it('sees that one segment lacks what another has twice', () => {
    const { picture } = judge(
      [...run(10, 30), ...run(32, 60), ...run(10, 31), 31, ...run(32, 60)],
      [
        [10, 60],
        [10, 60],
      ],
    );
    expect(picture).toMatchObject({ missing: 1, duplicated: 1 });
  });

  it('counts frames from far away as extra and takes them for no segment', () => {
    const { edges, picture } = judge([...run(10, 60), 5000, 5001], [[10, 60]]);
    expect(edges).toEqual([[0, 0]]);
    expect(picture).toMatchObject({ extra: 2, missing: 0 });
  });
});
