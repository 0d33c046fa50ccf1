import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chunksOf } from './chunk-range.ts';
import type { TrackPlaylist } from './playlist.ts';

/** A playlist of chunks with these durations in seconds. */
function playlistOf(...seconds: number[]): TrackPlaylist {
  let startUs = 0;
  const chunks = seconds.map((duration, index) => {
    const chunk = { index, key: `${index}.ts`, startUs, durationUs: Math.round(duration * 1e6) };
    startUs += chunk.durationUs;
    return chunk;
  });
  return { container: 'mpegts', chunks, durationUs: startUs };
}

const tenChunks = playlistOf(...Array<number>(10).fill(6));

describe('chunksOf', () => {
  it.each([
    // 00:00:10–00:00:20 of an episode in chunks of 6 s: the chunks 6–12, 12–18 and 18–24.
    ['a segment over three chunks', 10_000, 20_000, 1, 3],
    ['a segment inside one chunk', 7_000, 11_000, 1, 1],
    ['a cut on a border: the neighbours too', 6_000, 12_000, 0, 2],
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
      /past the end of the episode \(00:01:00.000\)/,
    );
  });

  it('always covers the segment, with at most one chunk more on either side', () => {
    const durations = fc.array(fc.double({ min: 0.5, max: 12, noNaN: true }), {
      minLength: 1,
      maxLength: 50,
    });
    fc.assert(
      fc.property(durations, fc.nat(), fc.nat(), (seconds, a, b) => {
        const playlist = playlistOf(...seconds);
        const endMs = Math.floor(playlist.durationUs / 1000);
        const [from, to] = [a % endMs, b % endMs].sort((x, y) => x - y) as [number, number];
        const range = chunksOf(playlist, from, to + 1);
        const overlaps = playlist.chunks.filter(
          (chunk) =>
            chunk.startUs < (to + 1) * 1000 && chunk.startUs + chunk.durationUs > from * 1000,
        );
        expect(range.first).toBeGreaterThanOrEqual(overlaps[0]!.index - 1);
        expect(range.first).toBeLessThanOrEqual(overlaps[0]!.index);
        expect(range.last).toBeGreaterThanOrEqual(overlaps.at(-1)!.index);
        expect(range.last).toBeLessThanOrEqual(overlaps.at(-1)!.index + 1);
      }),
    );
  });
});
