import { describe, expect, it } from 'vitest';
import type { MovieTrack } from '../mp4/movie/read-movie.ts';
import { bitratesOf } from './bitrates.ts';
import { keyPictures, planChunks } from './plan-chunks.ts';

/** Pictures a second apart; key pictures where told. */
const track = (seconds: number, keys: readonly number[]): MovieTrack => ({
  kind: 'video',
  timescale: 90_000,
  startsAt: 6_000,
  shown: { from: 6_000, units: 0 },
  description: Buffer.alloc(0),
  size: { width: 16, height: 16 },
  samples: Array.from({ length: seconds }, (_, n) => ({
    start: n,
    end: n + 1,
    dts: n * 90_000,
    pts: 6_000 + n * 90_000,
    duration: 90_000,
    isSync: keys.includes(n),
  })),
});

describe('planChunks', () => {
  it.each([
    [11, [0, 2, 4, 6, 8, 10], [0, 4, 8]],
    [11, [0, 3, 6, 9], [0, 6]],
    [11, [0, 5, 10], [0, 5, 10]],
    [30, [0, 1, 20, 21], [0, 20]],
    [1, [0], [0]],
  ])('parts %i s with key pictures at %j at %j', (seconds, keys, startsSeconds) => {
    expect(planChunks([track(seconds, keys)])).toEqual({ startsSeconds, endSeconds: seconds });
  });

  it('parts what has only sound by the sound', () => {
    const sound = { ...track(9, [0, 1, 2, 3, 4, 5, 6, 7, 8]), kind: 'audio' as const };
    expect(planChunks([sound]).startsSeconds).toEqual([0, 4, 8]);
  });
});

describe('keyPictures', () => {
  it('has one for every chunk, and more in those that are long', () => {
    expect(keyPictures({ startsSeconds: [0, 6, 20], endSeconds: 21 })).toEqual([
      0,
      6,
      6 + 14 / 3,
      6 + 28 / 3,
      20,
    ]);
  });
});

describe('bitratesOf', () => {
  const chunk = (durationSeconds: number, kilobits: number) => ({
    durationSeconds,
    bytes: kilobits * 125,
  });

  it('tells the average of all and the peak of one', () => {
    const chunks = [chunk(4, 4_000), chunk(4, 8_000), chunk(4, 4_000)];
    expect(bitratesOf(chunks)).toEqual({ average: 1_333_334, peak: 2_000_000 });
  });

  it('takes no chunk for a peak that is much shorter than others', () => {
    const chunks = [chunk(4, 4_000), chunk(0.1, 1_000)];
    expect(bitratesOf(chunks)).toEqual({ average: 1_219_513, peak: 1_219_513 });
  });
});
