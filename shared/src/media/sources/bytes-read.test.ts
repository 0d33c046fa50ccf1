import { mkdtemp, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeSegment, type Span, smallEpisode } from '../clip.fixture.ts';
import { useFolder } from './judged.fixture.ts';

const folder = useFolder();

/** Chunks of 6 s and of some 400 KB: small ones would be outweighed by what is read at their borders. */
const episodeOf = (container: 'ts' | 'fmp4') =>
  smallEpisode({ seconds: 60, width: 640, height: 360, container, fps: '30' });

/** What is read, by what the chunks that overlap the segment have. */
async function shareRead(container: 'ts' | 'fmp4', span: Span): Promise<number> {
  const into = join(await mkdtemp(join(folder.path, 'cut-')), 'segment');
  const { bytesRead, opened } = await makeSegment(await episodeOf(container), span, into, {
    cut: 'copy',
    audio: 'copy',
  });
  return bytesRead / opened.chunks.bytes;
}

const MOST = 1.25;
const ON_BORDERS: Span[] = [
  [6_000, 12_000],
  [12_000, 30_000],
  [18_000, 18_500],
  [23_500, 24_000],
  [0, 6_000],
  [0, 1_000],
  [54_000, 60_000],
  [59_000, 60_000],
];

it('leaves no more on disk than what was read and what came of it', async () => {
  const into = join(await mkdtemp(join(folder.path, 'cut-')), 'segment');
  const { bytesRead, pictures, sound } = await makeSegment(
    await episodeOf('ts'),
    [7_700, 31_300],
    into,
  );
  expect(pictures).toMatchObject({ method: 'smart' });
  const sizeOf = async (file: string) => (await stat(file)).size;
  const names = await readdir(into);
  const sizes = await Promise.all(names.map((name) => sizeOf(join(into, name))));
  const onDisk = sizes.reduce((sum, size) => sum + size, 0);
  const made = (await sizeOf(pictures!.file)) + (await sizeOf(sound!.file));
  expect(onDisk).toBeLessThanOrEqual(bytesRead + made);
});

describe.each(['ts', 'fmp4'] as const)(
  'of %s, no more is read than the chunks that a segment overlaps',
  (container) => {
    it.each(ON_BORDERS)('and a little beside them: %i–%i ms', async (...span) => {
      expect(await shareRead(container, span)).toBeLessThanOrEqual(MOST);
    });

    it('wherever it lies', async () => {
      const spans = fc.tuple(fc.nat(59_000), fc.integer({ min: 200, max: 12_000 }));
      await fc.assert(
        fc.asyncProperty(spans, async ([startMs, lengthMs]) => {
          const span: Span = [startMs, Math.min(60_000, startMs + lengthMs)];
          expect(await shareRead(container, span)).toBeLessThanOrEqual(MOST);
        }),
        { numRuns: 25, seed: 7 },
      );
    });
  },
);
