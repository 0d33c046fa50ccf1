import { describe, expect, it } from 'vitest';
import type { Timeline } from './timeline.ts';
import { needsOf, wantedOf } from './wanted.ts';

/** 30 fps, 60 frames, first frame at 1.4 s as FFmpeg's TS muxer has it. */
const ZERO = 126_000;
const timeline: Timeline = {
  shown: Array.from({ length: 60 }, (_, n) => ZERO + n * 3000),
  firstKeyPts: ZERO,
  sound: { starts: [ZERO - 1920], endPts: ZERO + 180_000 },
};
const moments = (startMs: number, endMs: number) => ({
  from: ZERO + startMs * 90,
  to: ZERO + endMs * 90,
});
const frames = (startMs: number, endMs: number) => {
  const { firstPts, endPts, frameCount } = wantedOf(timeline, moments(startMs, endMs));
  const first = (firstPts - ZERO) / 3000;
  expect((endPts - ZERO) / 3000).toBe(first + frameCount);
  return [first, first + frameCount - 1];
};

describe('wantedOf', () => {
  it.each([
    ['from the first frame', 0, 1000, 0, 29],
    ['between frames: the next one', 10, 1000, 1, 29],
    ['a time rounded down still means its frame', 33, 1000, 1, 29],
    ['a time rounded up, too', 34, 1000, 1, 29],
    ['half-open: the frame at the end is out', 1000, 1100, 30, 32],
    ['one frame', 1000, 1034, 30, 30],
    ['up to the last', 1900, 2000, 57, 59],
    ['past the last', 1900, 9000, 57, 59],
  ])('%s', (_, startMs, endMs, first, last) => {
    expect(frames(startMs, endMs)).toEqual([first, last]);
  });

  it('refuses a segment in which no frame begins', () => {
    expect(() => frames(1010, 1020)).toThrow(/No picture begins in/);
    expect(() => frames(2500, 2600)).toThrow(/No picture begins in/);
  });

  it('joins adjacent segments without a frame twice or missing', () => {
    for (let ms = 100; ms < 1900; ms += 7) {
      const [, last] = frames(0, ms);
      const [first] = frames(ms, 2000);
      expect(first).toBe(last! + 1);
    }
  });
});

describe('a picture that stays long', () => {
  // Pictures at 0…29/30 s, then none until 3 s, as a screen recording may have it.
  const shown = [...timeline.shown.slice(0, 30), ZERO + 270_000, ZERO + 273_000];
  const starts = Array.from({ length: 150 }, (_, n) => ZERO + n * 1920);
  const still = { ...timeline, shown, sound: { starts, endPts: ZERO + 150 * 1920 } };

  it('is shown to the end of the segment, not to the next picture', () => {
    const wanted = wantedOf(still, moments(500, 1_500));
    expect(wanted.frameCount).toBe(15);
    const ticks = wanted.endPts - wanted.firstPts;
    expect(ticks).toBeGreaterThan(90_000 - 180);
    expect(ticks).toBeLessThan(90_000 + 3000);
  });

  it('is one while somebody speaks, or where there never was any sound', () => {
    expect(wantedOf(still, moments(500, 3_050)).frameCount).toBe(17);
    expect(wantedOf({ ...still, sound: undefined }, moments(500, 3_050)).frameCount).toBe(17);
  });

  it('is a hole where the sound stops, too', () => {
    const stopped = starts.filter((at) => at < ZERO + 90_000 || at > ZERO + 261_000);
    const holed = { ...still, sound: { ...still.sound, starts: stopped } };
    expect(() => wantedOf(holed, moments(500, 3_050))).toThrow(/lack 2\.0 s of picture and sound/);
  });
});

describe('of sound alone', () => {
  const sound = { shown: [], firstKeyPts: Number.POSITIVE_INFINITY, sound: timeline.sound };

  it('wanted is what was asked for, as far as it reaches', () => {
    expect(wantedOf(sound, moments(500, 1_500))).toEqual({
      firstPts: ZERO + 45_000,
      endPts: ZERO + 135_000,
      frameCount: 0,
    });
    expect(wantedOf(sound, moments(1_500, 9_000)).endPts).toBe(ZERO + 180_000);
    expect(() => wantedOf(sound, moments(2_500, 3_000))).toThrow(/No sound is heard/);
  });
});

describe('needsOf', () => {
  const needs = (startMs: number, endMs: number, other: Partial<Timeline> = {}, zero = ZERO) =>
    needsOf({ ...timeline, ...other }, moments(startMs, endMs), zero);
  const nothing = { picture: undefined, sound: [] };

  it('asks for what the playlist did not promise rightly', () => {
    expect(needs(0, 1900)).toEqual(nothing);
    expect(needs(-1000, 1500, {}, ZERO - 90_000).picture).toBe('before');
    expect(needs(0, 2500).picture).toBe('after');
    expect(needs(50, 1900, { firstKeyPts: ZERO + 9000 }).picture).toBe('before');
  });

  it('asks for no neighbour where a segment ends with a chunk', () => {
    expect(needs(0, 2000)).toEqual(nothing);
  });

  it('asks for the sound that lies in neighbours', () => {
    const late = { starts: [ZERO + 500], endPts: ZERO + 180_000 };
    expect(needs(0, 2000, { sound: late }, ZERO - 900_000)).toEqual({
      ...nothing,
      sound: ['before'],
    });
    const short = { starts: [ZERO - 1920], endPts: ZERO + 178_000 };
    expect(needs(0, 2000, { sound: short })).toEqual({ ...nothing, sound: ['after'] });
  });

  it('asks for all the sound of the last picture', () => {
    const endsBy = (lackingMs: number) => ({
      sound: { starts: [ZERO - 1920], endPts: ZERO + 180_000 - lackingMs * 90 },
    });
    // Also where the time asked for lies inside that picture, or within what callers round by.
    for (const endMs of [1970, 1990, 2000, 2001]) {
      expect(needs(0, endMs, endsBy(1)).sound, `${endMs} ms`).toEqual(['after']);
      expect(needs(0, endMs, endsBy(0)).sound, `${endMs} ms`).toEqual([]);
    }
    expect(needs(0, 1960, endsBy(30)).sound).toEqual([]);
  });
});
