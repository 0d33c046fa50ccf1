import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { growingPlaylistOf, playlistOf } from './playlist.fixture.ts';
import { planStretches } from './stretches.ts';

const NONE: ReadonlySet<number> = new Set();
const DISCONTINUITY = '#EXT-X-DISCONTINUITY';

describe('planStretches', () => {
  it('is one stretch where nothing comes between', () => {
    expect(planStretches(playlistOf(6, 6, 6), 1_000, 14_000, NONE)).toEqual([
      { kind: 'media', run: 0, first: 0, last: 2, startUs: 1_000_000, endUs: 14_000_000 },
    ]);
  });

  it('parts at the borders of runs', () => {
    const playlist = playlistOf(6, 6, DISCONTINUITY, 5, DISCONTINUITY, 6);
    expect(planStretches(playlist, 7_000, 18_000, NONE)).toEqual([
      { kind: 'media', run: 0, first: 1, last: 1, startUs: 7_000_000, endUs: 12_000_000 },
      { kind: 'media', run: 1, first: 2, last: 2, startUs: 12_000_000, endUs: 17_000_000 },
      { kind: 'media', run: 2, first: 3, last: 3, startUs: 17_000_000, endUs: 18_000_000 },
    ]);
  });

  it('parts around gaps, those of the playlist and those that were found', () => {
    const playlist = playlistOf(6, '#EXT-X-GAP', 6, 6, 6, 6);
    expect(planStretches(playlist, 3_000, 27_000, new Set([3]))).toEqual([
      { kind: 'media', run: 0, first: 0, last: 0, startUs: 3_000_000, endUs: 6_000_000 },
      { kind: 'gap', chunk: 1, startUs: 6_000_000, endUs: 12_000_000 },
      { kind: 'media', run: 0, first: 2, last: 2, startUs: 12_000_000, endUs: 18_000_000 },
      { kind: 'gap', chunk: 3, startUs: 18_000_000, endUs: 24_000_000 },
      { kind: 'media', run: 0, first: 4, last: 4, startUs: 24_000_000, endUs: 27_000_000 },
    ]);
  });

  it('leaves out gaps beside the segment', () => {
    const playlist = playlistOf(6, 6, 6);
    expect(planStretches(playlist, 6_000, 12_000, new Set([0, 2]))).toEqual([
      { kind: 'media', run: 0, first: 1, last: 1, startUs: 6_000_000, endUs: 12_000_000 },
    ]);
  });

  it('lets the last media run to the end asked for, and a gap only to the end listed', () => {
    const playlist = playlistOf(6, 6);
    expect(planStretches(playlist, 11_000, 12_500, NONE)).toMatchObject([{ endUs: 12_500_000 }]);
    expect(planStretches(playlist, 11_000, 12_500, new Set([1]))).toMatchObject([
      { kind: 'gap', endUs: 12_000_000 },
    ]);
  });

  it('refuses what the playlist does not hold, or not yet', () => {
    const code = (expected: string) => expect.objectContaining({ code: expected });
    expect(() => planStretches(playlistOf(6), 6_000, 7_000, NONE)).toThrow(
      code('SEGMENT_OUTSIDE_EPISODE'),
    );
    expect(() => planStretches(growingPlaylistOf(6), 5_000, 7_000, NONE)).toThrow(
      code('SEGMENT_NOT_YET_AVAILABLE'),
    );
  });

  it('covers any segment once, each stretch inside its chunks', () => {
    const entry = fc.oneof(
      { weight: 5, arbitrary: fc.double({ min: 0.5, max: 12, noNaN: true }) },
      { weight: 1, arbitrary: fc.constantFrom(DISCONTINUITY, '#EXT-X-GAP') },
    );
    const entries = fc.array(entry, { maxLength: 40 }).map((list) => [...list, 6]);
    fc.assert(
      fc.property(entries, fc.nat(), fc.nat(), fc.array(fc.nat(40)), (list, a, b, missing) => {
        const playlist = playlistOf(...list);
        const lastMs = Math.floor(playlist.durationUs / 1000);
        const [from, to] = [a % lastMs, b % lastMs].sort((x, y) => x - y) as [number, number];
        const stretches = planStretches(playlist, from, to + 1, new Set(missing));
        expect(stretches[0]!.startUs).toBe(from * 1000);
        expect(stretches.at(-1)!.endUs).toBe((to + 1) * 1000);
        for (const [n, stretch] of stretches.entries()) {
          expect(stretch.endUs).toBeGreaterThan(stretch.startUs);
          if (n > 0) expect(stretch.startUs).toBe(stretches[n - 1]!.endUs);
          const inside = stretch.kind === 'gap' ? [stretch.chunk] : [stretch.first, stretch.last];
          for (const index of inside) {
            const chunk = playlist.chunks[index]!;
            expect(chunk.isGap || missing.includes(index)).toBe(stretch.kind === 'gap');
            if (stretch.kind === 'media') expect(chunk.run).toBe(stretch.run);
          }
        }
      }),
    );
  });
});
