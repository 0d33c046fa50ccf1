import { expect, it } from 'vitest';
import { makeClip, type Span } from '../clip.fixture.ts';
import { DEFAULT_OUTPUT } from '../output-options.ts';
import { deepEpisode, deepMeansOf, masteringOf, PQ } from './hdr.fixture.ts';
import { useFolder } from './judged.fixture.ts';
import { coloursOf, furthest } from './levels.fixture.ts';

// The short form of hdr.full.test.ts.

const folder = useFolder();
const spans: Span[] = [
  [1_320, 2_320],
  [3_000, 4_000],
];

it('HDR stays HDR where HEVC is allowed, and is never marked so in 8 bits', async () => {
  const { file, ...episode } = await deepEpisode(PQ, folder.path);
  const output = { ...DEFAULT_OUTPUT, allowHevc: true };
  const kept = await makeClip(episode, spans, folder.path, { output });
  expect(kept.method).toBe('copied');
  const source = await deepMeansOf(file);
  const due = [...source.slice(33, 58), ...source.slice(75, 100)];
  expect(furthest(await deepMeansOf(kept.clipFile), due)).toBeLessThan(1);
  const { box: _box, ...tags } = await coloursOf(file);
  expect(await coloursOf(kept.clipFile)).toMatchObject({ ...tags, codec_name: 'hevc' });
  const mastering = await masteringOf(kept.clipFile);
  expect(mastering).toHaveLength(2);
  expect(mastering).toEqual(await masteringOf(file));
  expect(kept.cuts[0]!.warnings ?? []).toEqual([]);

  const reduced = await makeClip(episode, spans, folder.path);
  expect(await coloursOf(reduced.clipFile)).toMatchObject({
    codec_name: 'h264',
    pix_fmt: 'yuv420p',
    color_transfer: 'bt709',
  });
  expect(reduced.cuts[0]!.warnings).toMatchObject([{ code: 'DYNAMIC_RANGE_REDUCED' }]);
});
