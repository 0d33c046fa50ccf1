import { describe, expect, it } from 'vitest';
import { encodedAnew, type Span } from '../clip.fixture.ts';
import { indexFragmentedMp4 } from '../mp4/index-fragmented-mp4.ts';
import { judgedClip, shortEpisode, useFolder } from './judged.fixture.ts';
import { chunksOf } from './packages.fixture.ts';

const folder = useFolder();

const H264 = [
  ...['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-x264-params'],
  'open-gop=1:bframes=3:b-pyramid=none:b-adapt=0:keyint=46:min-keyint=46:scenecut=0',
];
const HEVC = [
  ...['-c:v', 'libx265', '-preset', 'ultrafast', '-tag:v', 'hvc1', '-x265-params'],
  'open-gop=1:bframes=3:b-adapt=0:keyint=46:min-keyint=46:scenecut=0:log-level=none',
];

describe('open GOPs in fMP4 as FFmpeg’s HLS muxer has them', () => {
  it.each([
    ['H.264', H264],
    ['HEVC', HEVC],
  ])('%s: each frame comes out once, and in time', async (_, encoder) => {
    const episode = await encodedAnew(await shortEpisode(), encoder, folder.path, {
      container: 'fmp4',
    });
    const chunks = await chunksOf(episode);
    const files = chunks.map(({ file }) => ({ path: file, take: 'all' as const }));
    const index = await indexFragmentedMp4(chunks[0]!.init!, files, new AbortController().signal);
    const times = index.pictures!.units.map(({ pts }) => pts);
    expect(new Set(times).size).toBe(times.length);
    for (const span of [
      [2_200, 4_300],
      [3_100, 3_300],
      [4_200, 7_300],
      [10_400, 12_000],
    ] satisfies Span[]) {
      expect((await judgedClip(episode, [span], folder.path)).faults).toEqual([]);
    }
  });
});
