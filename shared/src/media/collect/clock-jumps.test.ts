import { describe, expect, it } from 'vitest';
import type { Reach } from './chunk-times.ts';
import { jumpsBetween, jumpsWithin, type TimedChunk } from './clock-jumps.ts';

const TICKS = 90_000;

/** From one second to another. @param step from one frame, or packet of audio, to the next */
function reach(from: number, to: number, step: number): Reach {
  const first = from * TICKS;
  const last = (to - step) * TICKS;
  const ahead = { ticks: step * TICKS, fromPts: first };
  return {
    first,
    last,
    count: Math.round((to - from) / step),
    ahead,
    back: { ticks: 0, fromPts: first },
  };
}

type Seconds = [from: number, to: number];

const chunk = (index: number, frames?: Seconds, audio?: Seconds, listed = 4): TimedChunk => ({
  index,
  listedTicks: listed * TICKS,
  times: {
    ...(frames ? { frames: reach(...frames, 0.04) } : {}),
    ...(audio ? { audio: reach(...audio, 0.02) } : {}),
  },
});

const jumps = (chunks: readonly TimedChunk[], roundingSeconds = 0) =>
  jumpsBetween(chunks, roundingSeconds * TICKS).map(({ chunk, ticks }) => [
    chunk,
    Math.round(ticks / TICKS),
  ]);

describe('the clock jumps', () => {
  it.each<[name: string, chunks: TimedChunk[], found: number[][]]>([
    ['ahead', [chunk(0, [0, 4], [0, 4]), chunk(1, [104, 108], [104, 108])], [[1, 100]]],
    ['back', [chunk(0, [50, 54], [50, 54]), chunk(1, [0, 4], [0, 4])], [[1, -54]]],
    ['of frames alone', [chunk(0, [0, 4]), chunk(1, [104, 108])], [[1, 100]]],
    ['of audio alone', [chunk(0, undefined, [0, 4]), chunk(1, undefined, [104, 108])], [[1, 100]]],
    [
      'with a packet of audio left behind',
      [chunk(0, [0, 4], [0, 3.9]), chunk(1, [104, 108], [3.9, 108])],
      [[1, 100]],
    ],
    [
      'once and again',
      [chunk(0, [0, 4]), chunk(1, [104, 108]), chunk(2, [108, 112]), chunk(3, [0, 4])],
      [
        [1, 100],
        [3, -112],
      ],
    ],
  ])('%s', (_, chunks, found) => {
    expect(jumps(chunks)).toEqual(found);
  });
});

describe('no jump is', () => {
  it.each<[name: string, chunks: TimedChunk[], rounding?: number]>([
    ['a clock that goes on', [chunk(0, [0, 4], [0, 4]), chunk(1, [4, 8], [4, 8])]],
    ['a chunk that was cut short', [chunk(0, [0, 1], [0, 1]), chunk(1, [4, 8], [4, 8])]],
    ['a chunk that begins late', [chunk(0, [0, 4]), chunk(1, [6, 8]), chunk(2, [8, 12])]],
    [
      'frames that begin late while audio goes on',
      [chunk(0, [0, 4], [0, 4]), chunk(1, [6, 8], [4, 8])],
    ],
    ['a chunk that is listed too short', [chunk(0, [0, 6], [0, 6]), chunk(1, [6, 10], [6, 10])]],
    ['rounded durations', [chunk(0, [0, 4.4]), chunk(1, [4.4, 8])], 0.5],
    ['a slide that stays', [chunk(0, [0, 0.04], [0, 4]), chunk(1, [4, 8], [4, 8])]],
    [
      'a chunk without frames',
      [chunk(0, [0, 4], [0, 4]), chunk(1, undefined, [4, 8]), chunk(2, [8, 12], [8, 12])],
    ],
  ])('%s', (_, chunks, rounding) => {
    expect(jumps(chunks, rounding)).toEqual([]);
  });
});

describe('within a chunk', () => {
  const jumping = (ticks: number, to: number): TimedChunk => {
    const one = { ...reach(0, to, 0.04) };
    const at = { ticks: ticks * TICKS, fromPts: 2 * TICKS };
    const frames = ticks > 0 ? { ...one, ahead: at } : { ...one, back: at };
    return { index: 3, listedTicks: 4 * TICKS, times: { frames, audio: frames } };
  };

  it('the clock jumps', () => {
    const [ahead] = jumpsWithin([jumping(100, 104)], 0);
    expect(ahead).toMatchObject({ chunk: 3, ticks: 100 * TICKS, fromPts: 2 * TICKS });
    const [back] = jumpsWithin([jumping(-50, 4)], 0);
    expect(back).toMatchObject({ chunk: 3, ticks: -50 * TICKS });
  });

  it('a hole is no jump', () => {
    expect(jumpsWithin([jumping(2, 4)], 0)).toEqual([]);
    const { times, ...chunk } = jumping(100, 104);
    expect(jumpsWithin([{ ...chunk, times: { ...times, audio: reach(0, 4, 0.02) } }], 0)).toEqual(
      [],
    );
  });
});
