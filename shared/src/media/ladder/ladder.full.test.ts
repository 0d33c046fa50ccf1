import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { seeFrames } from '#local/judge/pictures';
import { frameAtMs, parseFrameRate } from '#local/sample/frame-rate';
import { type CutOptions, encodedAnew, type Span } from '../clip.fixture.ts';
import { MediaWork } from '../ffmpeg/media-work.ts';
import { DEFAULT_OUTPUT } from '../output-options.ts';
import { takePictures } from '../pictures/take-pictures.ts';
import {
  aac,
  ac3,
  changingApart,
  changingAudio,
  channelsOf,
} from '../sources/changing-audio.fixture.ts';
import {
  framesOf,
  judgedClip,
  shortEpisode,
  type TestEpisode,
  useFolder,
} from '../sources/judged.fixture.ts';
import { apart } from '../sources/packages.fixture.ts';
import { faultsOfRung, ladderOf, playedRung } from './ladder.fixture.ts';

const folder = useFolder();

const SPANS: Span[] = [
  [1_234, 5_100],
  [7_000, 10_517],
];

const encoded = async (encoder: readonly string[], sound?: readonly string[]) =>
  encodedAnew(await shortEpisode(), encoder, folder.path, sound ? { sound } : {});

const x264 = (...options: string[]) => [
  ...['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '45', '-sc_threshold', '0', '-bf', '2'],
  ...options,
];
const x265 = [
  ...['-c:v', 'libx265', '-preset', 'ultrafast', '-tag:v', 'hvc1', '-pix_fmt', 'yuv420p10le'],
  ...['-x265-params', 'keyint=45:min-keyint=45:scenecut=0:open-gop=0:log-level=none'],
];
const BT709 = ['-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709'];

interface Kind {
  episode: () => Promise<TestEpisode>;
  options?: CutOptions;
  /** Default: {@link SPANS}. Around a change of audio nothing is judged. */
  spans?: readonly Span[];
  /** Of the audio. Default: as the sample has. */
  channels?: number;
}

const KINDS: Record<string, Kind> = {
  'full range': { episode: () => encoded(x264('-vf', 'scale=out_range=pc,format=yuvj420p')) },
  'BT.709': { episode: () => encoded(x264('-vf', 'scale=out_color_matrix=bt709', ...BT709)) },
  'wide pixels': { episode: () => encoded(x264('-vf', 'setsar=4/3')) },
  'HEVC in 10 bits': {
    episode: () => encoded(x265),
    options: { output: { ...DEFAULT_OUTPUT, allowHevc: true } },
  },
  '10 bits as 8': { episode: () => encoded(x265) },
  'interlaced frames that stay so': {
    episode: () => encoded(x264('-flags', '+ilme+ildct', '-x264-params', 'tff=1')),
    options: { output: { ...DEFAULT_OUTPUT, deinterlace: 'off' } },
  },
  'interlaced frames': {
    episode: () => encoded(x264('-flags', '+ilme+ildct', '-x264-params', 'tff=1')),
  },
  mono: { episode: () => encoded(['-c:v', 'copy'], [...aac(1)]), channels: 1 },
  '5.1': { episode: () => encoded(['-c:v', 'copy'], [...aac(6)]), channels: 6 },
  'audio that changes': {
    episode: () => changingAudio([aac(2), ac3(6)], folder.path),
    spans: [
      [1_234, 2_900],
      [6_100, 8_900],
    ],
  },
  'audio that changes, apart': {
    episode: () => changingApart([aac(1), aac(2, 44_100)], folder.path),
  },
  'packed audio': { episode: () => apart(['ts', 'packed'], folder.path) },
};

it.each(Object.entries(KINDS))(
  'what follows a clip holds all of it: %s',
  async (_, { episode: made, options, spans = SPANS, channels }) => {
    const episode = await made();
    const clip = await judgedClip(episode, spans, folder.path, options);
    expect(clip.faults).toEqual([]);
    const { source, smaller } = await ladderOf(clip.clipFile, folder.path);
    for (const { playlistFile } of [source, smaller]) {
      expect(await faultsOfRung(playlistFile, episode, spans)).toEqual([]);
      if (channels === undefined) continue;
      expect(await channelsOf(await playedRung(playlistFile))).toBe(channels);
    }
    await expectOwnPictures(clip.clipFile, spans, episode);
  },
);

/** Poster and thumbnails show the frames of the times that they tell. */
async function expectOwnPictures(
  clipFile: string,
  spans: readonly Span[],
  { fps }: TestEpisode,
): Promise<void> {
  const numbers = spans.flatMap((span) => framesOf(span, fps));
  const folderOfPictures = await mkdtemp(join(folder.path, 'pictures-'));
  const work = new MediaWork(folderOfPictures, new AbortController().signal);
  const { poster, thumbnails } = await takePictures(clipFile, work);
  for (const { file, atMs } of [poster, ...thumbnails]) {
    const [frame] = await seeFrames('ffmpeg', file);
    expect(frame?.number).toBe(numbers[Math.round(frameAtMs(atMs, parseFrameRate(fps)))]);
  }
}
