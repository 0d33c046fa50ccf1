import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chunksOf } from './chunk-range.ts';
import { growingPlaylistOf, playlistOf } from './playlist.fixture.ts';

const tenChunks = playlistOf(...Array<number>(10).fill(6));

describe('chunksOf', () => {
  it.each([
    // 00:00:10–00:00:20 of an episode in chunks of 6 s: the chunks 6–12, 12–18 and 18–24.
    ['a segment over three chunks', 10_000, 20_000, 1, 3],
    ['a segment inside one chunk', 7_000, 11_000, 1, 1],
    ['exactly one chunk, without its neighbours', 6_000, 12_000, 1, 1],
    ['a millisecond on either side of a border', 5_999, 6_001, 0, 1],
    ['the first chunk', 0, 1_000, 0, 0],
    ['the last chunk', 58_000, 60_000, 9, 9],
    ['all of it', 0, 60_000, 0, 9],
    ['an end that was rounded up a little', 58_000, 60_900, 9, 9],
  ])('finds %s', (_, startMs, endMs, first, last) => {
    expect(chunksOf(tenChunks, startMs, endMs)).toEqual({ first, last });
  });

  it.each([
    ['begins past the end', 60_000, 61_000],
    ['ends well past the end', 50_000, 61_001],
  ])('refuses a segment that %s', (_, startMs, endMs) => {
    expect(() => chunksOf(tenChunks, startMs, endMs)).toThrow(
      expect.objectContaining({
        name: 'PermanentError',
        code: 'SEGMENT_OUTSIDE_EPISODE',
        message: expect.stringContaining('past the end of the episode (00:01:00.000)'),
      }),
    );
  });

  it('asks to wait for what a growing playlist does not list yet', () => {
    const growing = growingPlaylistOf(6, 6);
    expect(chunksOf(growing, 6_000, 12_000)).toEqual({ first: 1, last: 1 });
    expect(() => chunksOf(growing, 6_000, 12_001)).toThrow(
      expect.objectContaining({
        name: 'TransientError',
        code: 'SEGMENT_NOT_YET_AVAILABLE',
        message: expect.stringContaining('reaches 00:00:12.000 so far'),
      }),
    );
    expect(() => chunksOf(growingPlaylistOf(), 0, 1_000)).toThrow(/reaches 00:00:00.000/);
  });

  it('finds exactly the chunks that overlap', () => {
    const durations = fc.array(fc.double({ min: 0.5, max: 12, noNaN: true }), {
      minLength: 1,
      maxLength: 50,
    });
    fc.assert(
      fc.property(durations, fc.nat(), fc.nat(), (seconds, a, b) => {
        const playlist = playlistOf(...seconds);
        const lastMs = Math.floor(playlist.durationUs / 1000);
        const [from, to] = [a % lastMs, b % lastMs].sort((x, y) => x - y) as [number, number];
        const overlaps = playlist.chunks.filter(
          (chunk) =>
            chunk.startUs < (to + 1) * 1000 && chunk.startUs + chunk.durationUs > from * 1000,
        );
        expect(chunksOf(playlist, from, to + 1)).toEqual({
          first: overlaps[0]!.index,
          last: overlaps.at(-1)!.index,
        });
      }),
    );
  });
});
