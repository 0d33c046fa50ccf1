import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { Span } from '../clip.fixture.ts';
import { onClocks, onOtherClock } from './clocks.fixture.ts';
import { judgedClip, madeClip, shortEpisode, useFolder } from './judged.fixture.ts';
import { chunksOf, packageOf } from './packages.fixture.ts';

const folder = useFolder();

describe.each(['ts', 'fmp4'] as const)('without EXT-X-DISCONTINUITY, in %s', (container) => {
  it('a clock that jumps between chunks is repaired, and that is told', async () => {
    const episode = await onClocks(await shortEpisode({ container }), folder.path, {
      aheadSeconds: (n) => (n >= 2 ? 100 : 0),
    });
    for (const [span, atMs] of [
      [[4_200, 7_300], 6_000],
      [[9_300, 10_400], undefined],
    ] satisfies [Span, number | undefined][]) {
      const { faults, cuts } = await judgedClip(episode, [span], folder.path);
      // Faded, as it is at the tag.
      expect(faults).toEqual(atMs ? [expect.stringMatching(/^1 gaps in the sound/)] : []);
      expect(cuts[0]!.opened.warnings).toEqual([
        {
          code: 'CLOCK_REPAIRED',
          message: expect.stringMatching(
            /^EXT-X-DISCONTINUITY is missing before chunk 2 \(x\/chunk-2\..*jumps ahead by 100\.0 s/,
          ),
          ...(atMs ? { atMs } : {}),
        },
      ]);
    }
  });

  it.each([
    ['ahead', 100],
    ['back', -4],
  ])(
    'a clock that jumps %s within a chunk is refused, and the chunk is named',
    async (way, seconds) => {
      const chunks = await chunksOf(await shortEpisode({ container }));
      const [first, ...others] = chunks;
      const init = first!.init === undefined ? undefined : await readFile(first!.init);
      const file = `${folder.path}/${container}${seconds}-jumping`;
      const parts = await Promise.all(others.slice(0, 2).map((chunk) => readFile(chunk.file)));
      await writeFile(file, Buffer.concat([parts[0]!, onOtherClock(parts[1]!, seconds, init)]));
      const last = { ...others[2]!, file: `${file}-last` };
      await writeFile(last.file, onOtherClock(await readFile(others[2]!.file), seconds, init));
      const jumping = { ...first!, file, seconds: 6 };
      const playlistPath = await packageOf([[first!, jumping, last]], folder.path);
      for (const span of [
        [4_200, 7_300],
        [9_300, 10_400],
      ] satisfies Span[]) {
        await expect(madeClip({ playlistPath }, [span], folder.path)).rejects.toMatchObject({
          code: 'CHUNK_UNDECODABLE',
          message: expect.stringMatching(
            new RegExp(
              `jumps ${way} by .* in the middle of chunk 1 \\(x/chunk-1.*EXT-X-DISCONTINUITY`,
            ),
          ),
        });
      }
    },
  );
});
