import { describe, expect, it } from 'vitest';
import type { MediaStretch, Stretch } from '../cut/stretch.ts';
import type { Source } from '../source/source.ts';
import { type Wanted, wantedOf } from '../source/wanted.ts';
import { checkFrames } from './check-frames.ts';

const FRAME = 3000;
const ZERO = 126_000;
const shown = Array.from({ length: 90 }, (_, n) => ZERO + n * FRAME);
const timeline = { shown, firstKeyPts: ZERO };
const source: Source = {
  container: 'mpegts',
  pictures: {
    input: { files: [] } as never,
    timeline,
    reason: 'it is a test',
  },
};

const stretchOf = (from: number, to: number, other: Partial<Wanted> = {}): MediaStretch => ({
  source,
  wanted: {
    ...wantedOf(timeline, { from: ZERO + from * FRAME, to: ZERO + to * FRAME }),
    ...other,
  },
});

const row = (count: number, start = 0, ticks = FRAME) =>
  Array.from({ length: count }, (_, n) => start + n * ticks);

describe('the frames of a segment', () => {
  const asked: Stretch[] = [stretchOf(10, 30), { blackTicks: 5 * FRAME }, stretchOf(50, 60)];

  it('are those of the source', () => {
    expect(() => checkFrames(row(35), asked)).not.toThrow();
    expect(() => checkFrames(row(20), [asked[0]!])).not.toThrow();
  });

  it('are two for each where fields become frames', () => {
    expect(() => checkFrames(row(40, 0, FRAME / 2), [asked[0]!])).not.toThrow();
  });

  it.each([0, 1, 10, 19])('must not lack number %d, which a plan forgot', (lacking) => {
    const made = row(20).filter((_, n) => n !== lacking);
    expect(() => checkFrames(made, [asked[0]!])).toThrow(/19 frames where the source has 20/);
  });

  it('must not lack one behind black', () => {
    expect(() => checkFrames(row(34), asked)).toThrow(/9 frames where the source has 10/);
    const withoutBlack = [...row(20), ...row(10, 25 * FRAME)];
    expect(() => checkFrames(withoutBlack, asked)).toThrow(/0 frames/);
  });

  it('must not be more', () => {
    expect(() => checkFrames(row(21), [asked[0]!])).toThrow(/21 frames where the source has 20/);
    const twice = [...row(20), 4 * FRAME + 1000].sort((a, b) => a - b);
    expect(() => checkFrames(twice, [asked[0]!])).toThrow(/21 frames where the source has 20/);
  });

  it('must not be at other times', () => {
    const late = row(20).map((time, n) => (n === 7 ? time + 1500 : time));
    expect(() => checkFrames(late, [asked[0]!])).toThrow(/not at their times/);
  });

  it('are those that are held, too', () => {
    const end = ZERO + 90 * FRAME;
    const hold = {
      framePts: end - FRAME,
      fromPts: end,
      toPts: end + 20 * FRAME,
      count: 20,
      frameTicks: FRAME,
      isLack: true,
    };
    const stretch = stretchOf(80, 90, { endPts: hold.toPts, frameCount: 30, holds: [hold] });
    expect(() => checkFrames(row(30), [stretch])).not.toThrow();
    expect(() => checkFrames(row(29), [stretch])).toThrow(/19 frames where the source has 20/);
  });
});
