import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodedAnew, type Span, wholeEpisode } from '../clip.fixture.ts';
import { OWN_TIMES } from '../cut/encoder.ts';
import { ffmpeg } from '../mp4/fragmented.fixture.ts';
import { indexFragmentedMp4 } from '../mp4/index-fragmented-mp4.ts';
import { judgedClip, shortEpisode, type TestEpisode, useFolder } from './judged.fixture.ts';
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

const CODECS: [codec: string, encoder: string[]][] = [
  ['H.264', H264],
  ['HEVC', HEVC],
];

/** The sample as FFmpeg's DASH muxer has it, listed by HLS. @param options of the muxer */
async function dash(encoder: readonly string[], options: readonly string[]): Promise<TestEpisode> {
  const plain = await shortEpisode({ container: 'fmp4' });
  const dir = await mkdtemp(join(folder.path, 'dash-'));
  const source = await wholeEpisode(plain.playlistPath, dir);
  await ffmpeg(
    [
      ...['-i', source, ...OWN_TIMES, ...encoder, '-c:a', 'copy'],
      ...['-f', 'dash', '-seg_duration', '3', '-hls_playlist', '1', ...options, 'index.mpd'],
    ],
    dir,
  );
  return {
    ...plain,
    playlistPath: join(dir, 'media_0.m3u8'),
    soundPlaylistPath: join(dir, 'media_1.m3u8'),
  };
}

async function expectEachOnceAndInTime(episode: TestEpisode): Promise<void> {
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
}

describe.each(CODECS)(
  'open GOPs of %s in fMP4: each frame comes out once, and in time',
  (_, encoder) => {
    it('as FFmpeg’s HLS muxer has them', async () => {
      await expectEachOnceAndInTime(
        await encodedAnew(await shortEpisode(), encoder, folder.path, { container: 'fmp4' }),
      );
    });

    it.each<[name: string, options: string[]]>([
      ['', []],
      ['in fragments of half a second', ['-frag_type', 'duration', '-frag_duration', '0.5']],
      ['in fragments of a frame', ['-streaming', '1', '-frag_type', 'every_frame']],
    ])('as FFmpeg’s DASH muxer has them %s', async (_, options) => {
      await expectEachOnceAndInTime(await dash(encoder, options));
    });
  },
);
