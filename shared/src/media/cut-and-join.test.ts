import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeVerdict, judgeClip } from '#local/judge/index';
import { parseFrameRate } from '#local/sample/frame-rate';
import type { Episode, EpisodeSpec } from '#local/sample/index';
import { encodedAnew, type MadeClip, makeClip, type Span, smallEpisode } from './clip.fixture.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'splicebus-media-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Frames of the episode: [first, end). */
type Frames = [first: number, end: number];

/** Cuts and joins, and has the clip decoded and judged: every frame, the sound, the file. */
async function judged(episode: Episode, frames: readonly Frames[]): Promise<MadeClip> {
  const { numerator, denominator } = parseFrameRate(episode.fps);
  const ms = (frame: number) => Math.round((frame * 1000 * denominator) / numerator);
  const spans = frames.map(([first, end]): Span => [ms(first), ms(end)]);
  const clip = await makeClip(episode, spans, folder);
  const verdict = await judgeClip({
    clipPath: clip.clipFile,
    segments: spans.map(([startMs, endMs]) => ({ startMs, endMs })),
    fps: episode.fps,
    episodeFrameCount: episode.frameCount,
    hasAudio: episode.audio,
  });
  expect(verdict.faults, describeVerdict(verdict)).toEqual([]);
  expect(verdict.exact).toBe(true);
  expect(clip.method, clip.reason).toBe('copied');
  return clip;
}

const methods = ({ cuts }: MadeClip) => cuts.map(({ pictures }) => pictures?.method);

/** Key frames every two seconds, chunks of three of them. */
function keyFrame(episode: Episode, n: number): number {
  const { numerator, denominator } = parseFrameRate(episode.fps);
  return n * Math.round((2 * numerator) / denominator);
}

describe.each<EpisodeSpec>([
  { container: 'ts', fps: '30' },
  { container: 'fmp4', fps: '30' },
  { container: 'ts', fps: '30000/1001' },
  { container: 'ts', fps: '25', bframes: 0 },
  { container: 'fmp4', fps: '24000/1001' },
  { container: 'fmp4', fps: '60', bframes: 0, audio: false },
])('of closed GOPs: $container at $fps fps', (spec) => {
  let episode: Episode;
  let key: (n: number) => number;
  beforeAll(async () => {
    episode = await smallEpisode(spec);
    key = (n) => keyFrame(episode, n);
  });

  it('cuts off the key frames: encodes the ends, copies between', async () => {
    const clip = await judged(episode, [[key(1) + 7, key(3) + 9]]);
    const [cut] = clip.cuts;
    expect(cut?.pictures?.method).toBe('smart');
    expect(cut?.pictures?.framesEncoded).toBeLessThan(key(1) + 4);
  });

  it('copies all between key frames', async () => {
    const clip = await judged(episode, [[key(3), key(4)]]);
    expect(clip.cuts).toMatchObject([{ pictures: { method: 'copied', framesEncoded: 0 } }]);
  });

  it('cuts one frame beside key frames, and segments that touch', async () => {
    const clip = await judged(episode, [
      [key(4) - 1, key(5) + 1],
      [key(5) + 1, key(7) - 1],
    ]);
    expect(methods(clip)).toEqual(['smart', 'smart']);
  });

  it('cuts first and last frames of the episode and of a chunk, alone and out of order', async () => {
    const clip = await judged(episode, [
      [key(3) - 1, key(3)],
      [episode.frameCount - 1, episode.frameCount],
      [0, 12],
      [key(6), key(6) + 1],
      [episode.frameCount - 20, episode.frameCount],
    ]);
    expect(methods(clip).slice(0, 2)).toEqual(['reencoded', 'reencoded']);
    expect(clip.cuts[0]?.pictures?.reason).toBe('the segment holds no IDR picture to copy from');
    expect(methods(clip)[3]).toBe('copied');
  });
});

describe.each<{ name: string; spec: EpisodeSpec; encoder: string[] }>([
  {
    name: 'open GOPs',
    spec: { container: 'ts', fps: '25' },
    encoder: ['-x264-params', 'open-gop=1:repeat-headers=1:keyint=50:bframes=3:scenecut=0'],
  },
  {
    name: 'long, irregular GOPs and deep reordering',
    spec: { container: 'fmp4', fps: '30' },
    encoder: [
      ...['-x264-params', 'keyint=600:scenecut=0:bframes=8:b-pyramid=normal'],
      ...['-force_key_frames', '0.7,5.1,5.3,9.9,14.2,19.9'],
    ],
  },
  {
    name: 'Main profile, one B-frame, full range',
    spec: { container: 'ts', fps: '30000/1001' },
    encoder: [
      ...['-profile:v', 'main', '-bf', '1', '-g', '37', '-pix_fmt', 'yuvj420p'],
      ...['-color_range', 'pc'],
    ],
  },
  {
    name: 'Baseline profile, one reference',
    spec: { container: 'fmp4', fps: '25' },
    encoder: ['-profile:v', 'baseline', '-refs', '1', '-g', '50'],
  },
  {
    name: 'nothing but key frames',
    spec: { container: 'ts', fps: '24000/1001' },
    encoder: ['-g', '1'],
  },
])('of $name', ({ spec, encoder }) => {
  it('cuts anywhere to the frame', async () => {
    const episode = await encodedAnew(
      await smallEpisode(spec),
      ['-c:v', 'libx264', '-preset', 'veryfast', ...encoder],
      folder,
    );
    await judged(episode, [[40, 460]]);
    await judged(episode, [
      [310, 380],
      [episode.frameCount - 31, episode.frameCount],
      [0, 1],
      [155, 163],
      [150, 151],
    ]);
  });
});
