import { execFile } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { encodedAnew, type Packaging, type Span } from '../clip.fixture.ts';
import {
  framesOf,
  listenTo,
  madeClip,
  numbersIn,
  shortEpisode,
  type TestEpisode,
  useFolder,
  warningsOf,
} from './judged.fixture.ts';
import { asFragments, chunksOf, packageOf, withChunks } from './packages.fixture.ts';
import { PICTURE_PID, rewritten } from './rewrite.fixture.ts';

const folder = useFolder();
const FPS = '30';
const CONTAINERS = ['ts', 'fmp4'] as const;
type Container = (typeof CONTAINERS)[number];

/** The sample with only some of its frames, each as it was, in chunks of three seconds. */
async function without(container: Container, from: number, to: number): Promise<TestEpisode> {
  const holed = await withChunks(await shortEpisode({ bframes: 0 }), folder.path, (bytes, n) =>
    rewritten(bytes, PICTURE_PID, (all) => {
      const first = Math.min(...all.map(({ pts }) => pts!));
      return all.filter(({ pts }) => {
        const seconds = n * 3 + (pts! - first) / 90_000;
        return seconds < from - 0.01 || seconds > to - 0.01;
      });
    }),
  );
  return container === 'ts' ? holed : repackaged(holed, ['-c:v', 'copy'], { container });
}

/** The chunks end where those of the sample do. */
async function repackaged(
  episode: TestEpisode,
  encoder: readonly string[],
  packaging: Packaging,
): Promise<TestEpisode> {
  return { ...episode, ...(await encodedAnew(episode, encoder, folder.path, packaging)) };
}

/** The sample encoded with some of its frames. @param select FFmpeg's expression */
async function selected(
  container: Container,
  select: string,
  chunkSeconds = 3,
): Promise<TestEpisode> {
  const seconds = 21;
  const isMp4 = container === 'fmp4';
  const episode = await repackaged(
    await shortEpisode({ seconds }),
    [
      ...['-vf', `select='${select}'`, '-c:v', 'libx264', '-preset', 'ultrafast'],
      ...['-force_key_frames', 'expr:gte(t,n_forced*1.5)', '-bf', '0'],
    ],
    { container, chunkSeconds: isMp4 ? 2 * seconds : chunkSeconds },
  );
  if (!isMp4) return episode;
  // One chunk: FFmpeg's muxer moves the first frame of another one to where the one before would end.
  const [chunk] = await chunksOf(episode);
  return { ...episode, playlistPath: await packageOf([[{ ...chunk!, seconds }]], folder.path) };
}

const frameAt = (seconds: number) => Math.round(seconds * 30);

const frames = (...spans: readonly Span[]) => spans.flatMap((span) => framesOf(span, FPS));

const missing = (fromMs: number, toMs: number) => {
  const time = (ms: number) => `00:00:${(ms / 1000).toFixed(3).padStart(6, '0')}`;
  return {
    code: 'FRAMES_MISSING',
    message: `The episode has no frames from ${time(fromMs)} to ${time(toMs)}: the last frame is held.`,
    atMs: fromMs,
  };
};

type Case = [name: string, hole: Span, span: Span, told: Span];

const CASES: Case[] = [
  ['in the middle of a chunk', [3_500, 4_500], [2_000, 8_000], [3_500, 4_500]],
  ['at the beginning of a segment', [3_500, 4_500], [3_900, 8_000], [3_900, 4_500]],
  ['at the end of a segment', [3_500, 4_500], [1_000, 4_200], [3_500, 4_200]],
  ['at the first frames of a segment', [3_500, 4_500], [3_400, 8_000], [3_500, 4_500]],
];
const AT_BORDERS: Case[] = [
  ['across chunks', [5_000, 7_500], [2_000, 9_500], [5_000, 7_500]],
  ['around a segment', [5_000, 7_500], [5_500, 7_000], [5_500, 7_000]],
  ['from where a chunk begins', [3_000, 4_500], [2_000, 8_000], [3_000, 4_500]],
  ['to where a chunk ends', [5_000, 6_000], [2_000, 8_000], [5_000, 6_000]],
];

async function expectHeld(episode: TestEpisode, hole: Span, span: Span, told: Span) {
  const { clipFile, cuts } = await madeClip(episode, [span], folder.path);
  expect(cuts.flatMap(warningsOf)).toEqual([missing(...told)]);
  const { endMs, offsetMs } = await listenTo(clipFile);
  // The last frame may stay for one more.
  expect(Math.abs(endMs - (span[1] - span[0]))).toBeLessThan(60);
  expect(Math.abs(offsetMs(100, span[0] + 100) ?? 99)).toBeLessThan(1);
  const shownLast = span[0] > hole[0] ? [frameAt(hole[0] / 1000) - 1] : [];
  expect(await numbersIn(clipFile)).toEqual([
    ...shownLast,
    ...frames([span[0], Math.max(span[0], hole[0])], [hole[1], Math.max(hole[1], span[1])]),
  ]);
}

describe.each(CONTAINERS)('frames that are lost in %s', (container) => {
  it.each(container === 'ts' ? [...CASES, ...AT_BORDERS] : CASES)(
    '%s: the last one is held, and that is told',
    async (_, hole, span, told) => {
      const episode = await without(container, hole[0] / 1000, hole[1] / 1000);
      await expectHeld(episode, hole, span, told);
    },
  );

  it('before they came to the encoder', async () => {
    const episode = await selected(container, 'lt(t,3.99)+gt(t,5.49)');
    const clip = await madeClip(episode, [[2_000, 8_000]], folder.path);
    expect(clip.cuts.flatMap(warningsOf)).toEqual([missing(4_000, 5_500)]);
  });

  it.each<[name: string, span: Span]>([
    ['before', [5_000, 8_000]],
    ['behind', [500, 3_300]],
  ])('%s a segment are no matter', async (_, span) => {
    const { cuts } = await madeClip(await without(container, 3.5, 4.5), [span], folder.path);
    expect(cuts.flatMap(warningsOf)).toEqual([]);
  });

  it.each<[name: string, select: string, chunkSeconds?: number]>([
    ['of slides', 'lt(n,1)+eq(n,60)+eq(n,165)+eq(n,210)+eq(n,330)+eq(n,510)'],
    ['of slides that fade', 'lt(mod(t,4),1)', 6],
    ['of a recorded screen', String.raw`lt(mod(n\,61)\,9)+not(mod(n\,7))*lt(mod(n\,97)\,50)`],
    ['of a frame a second', 'not(mod(n,30))'],
    ['of a frame every two seconds', 'not(mod(n,60))', 6],
    ['of steps that alternate', 'not(mod(n,5))+not(mod(n-2,5))'],
  ])('are none %s', async (_, select, chunkSeconds) => {
    const episode = await selected(container, select, chunkSeconds);
    for (const span of [
      [0, 11_000],
      [1_900, 5_600],
      [4_100, 8_600],
    ] satisfies Span[]) {
      const { cuts } = await madeClip(episode, [span], folder.path);
      const codes = cuts.flatMap(warningsOf).map(({ code }) => code);
      expect(codes).not.toContain('FRAMES_MISSING');
    }
  });
});

it('frames that are lost before a fragment are told', async () => {
  const flags = 'frag_keyframe+delay_moov+default_base_moof';
  const episode = await asFragments(await without('ts', 5, 6), folder.path, flags, 1.5);
  await expectHeld(episode, [5_000, 6_000], [2_000, 8_000], [5_000, 6_000]);
});

it('frames that are lost beside a chunk without any are told once', async () => {
  const episode = await without('ts', 5, 6);
  const chunks = await chunksOf(episode);
  const file = join(await mkdtemp(join(folder.path, 'heard-')), '2.ts');
  await promisify(execFile)('ffmpeg', [
    ...['-v', 'error', '-copyts', '-i', chunks[2]!.file, '-vn', '-c', 'copy'],
    ...['-streamid', '0:257', '-muxdelay', '0', '-muxpreload', '0', '-f', 'mpegts', file],
  ]);
  chunks[2] = { ...chunks[2]!, file };
  const playlistPath = await packageOf([chunks], folder.path);
  const { cuts } = await madeClip({ ...episode, playlistPath }, [[2_000, 11_000]], folder.path);
  expect(cuts.flatMap(warningsOf)).toEqual([missing(5_000, 9_000)]);
});
