import { describe, expect, it } from 'vitest';
import type { Span } from '../clip.fixture.ts';
import { judgedClip, madeClip, shortEpisode, useFolder } from './judged.fixture.ts';
import { chunksOf, packageOf } from './packages.fixture.ts';

const folder = useFolder();

describe.each(['ts', 'fmp4'] as const)('an episode in %s without its first chunk', (container) => {
  it.each<[name: string, without: number[]]>([
    ['alone', [0]],
    ['nor the next', [0, 1]],
  ])('%s gives later moments, and says how', async (_, without) => {
    const episode = await shortEpisode({ container });
    const playlistPath = await packageOf([await chunksOf(episode)], folder.path, without);
    for (const span of [
      [6_500, 8_400],
      [9_200, 10_400],
    ] satisfies Span[]) {
      const clip = await judgedClip({ ...episode, playlistPath }, [span], folder.path);
      expect(clip.faults).toEqual([]);
      expect(clip.cuts[0]!.opened.warnings).toEqual([
        {
          code: 'CLOCK_REPAIRED',
          message: expect.stringMatching(/^Chunk 0 \(x\/chunk-0\..* worked out from chunk [123] /),
        },
      ]);
    }
    await expect(madeClip({ playlistPath }, [[1_000, 4_000]], folder.path)).rejects.toMatchObject({
      code: 'CHUNK_NOT_FOUND',
    });
  });
});
