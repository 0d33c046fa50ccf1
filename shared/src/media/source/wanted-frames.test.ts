import { describe, expect, it } from 'vitest';
import type { FrameIndex } from './frame-index.ts';
import { missingSide, wantedFrames } from './wanted-frames.ts';

/** 90 kHz, 30 fps, 60 frames, first frame at 1.4 s as FFmpeg's TS muxer has it. */
const ZERO = 126_000;
const index: FrameIndex = {
  tickUs: 1e6 / 90_000,
  pts: Array.from({ length: 60 }, (_, n) => ZERO + n * 3000),
  firstKeyPts: ZERO,
  audioEndUs: 3_400_000,
};
const frames = (startMs: number, endMs: number) => {
  const { firstPts, endPts, frameCount, durationUs } = wantedFrames(index, ZERO, startMs, endMs);
  const first = (firstPts - ZERO) / 3000;
  expect((endPts - ZERO) / 3000).toBe(first + frameCount);
  expect(durationUs).toBe(Math.round((frameCount * 1e6) / 30));
  return [first, first + frameCount - 1];
};

describe('wantedFrames', () => {
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
    expect(() => frames(1010, 1020)).toThrow(/No picture begins between/);
    expect(() => frames(2500, 2600)).toThrow(/No picture begins between/);
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
  const still = { ...index, pts: [...index.pts.slice(0, 30), ZERO + 270_000, ZERO + 273_000] };
  const sound = Array.from({ length: 150 }, (_, n) => 1_400_000 + n * 21_333);

  it('is shown to the end of the segment, not to the next picture', () => {
    const wanted = wantedFrames({ ...still, audioStartsUs: sound }, ZERO, 500, 1_500);
    expect(wanted.frameCount).toBe(15);
    expect(wanted.durationUs).toBeGreaterThan(1_000_000 - 2_000);
    expect(wanted.durationUs).toBeLessThan(1_000_000 + 1e6 / 30);
  });

  it('is one while somebody speaks, or where there never was any sound', () => {
    expect(wantedFrames({ ...still, audioStartsUs: sound }, ZERO, 500, 3_050).frameCount).toBe(17);
    expect(wantedFrames({ ...still, audioEndUs: undefined }, ZERO, 500, 3_050).frameCount).toBe(17);
  });

  it('is a hole where the sound stops, too', () => {
    const stopped = sound.filter((at) => at < 2_400_000 || at > 4_300_000);
    expect(() => wantedFrames({ ...still, audioStartsUs: stopped }, ZERO, 500, 3_050)).toThrow(
      /lack 2\.0 s of picture and sound/,
    );
  });
});

describe('missingSide', () => {
  it('asks for what the playlist did not promise rightly', () => {
    expect(missingSide(index, ZERO, 0, 1900)).toBeUndefined();
    expect(missingSide(index, ZERO - 90_000, 0, 1500)).toBe('before');
    expect(missingSide(index, ZERO, 0, 2500)).toBe('after');
    expect(missingSide({ ...index, audioEndUs: 2_000_000 }, ZERO, 0, 1900)).toBe('after');
    expect(missingSide({ ...index, firstKeyPts: ZERO + 9000 }, ZERO, 50, 1900)).toBe('before');
  });
});
