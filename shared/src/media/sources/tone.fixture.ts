import { execFile } from 'node:child_process';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { hear } from '#local/judge/index';
import { SAMPLE_RATE } from '#local/sample/index';
import type { MadeClip, Span } from '../clip.fixture.ts';
import { boxesIn, neededBody, readBox } from '../mp4/boxes.ts';
import { FADE_SECONDS } from '../sound/fades.ts';
import { madeClip, warningsOf } from './judged.fixture.ts';
import { packageOf } from './packages.fixture.ts';

// A tone of a kilohertz is equally loud in each millisecond: where it is not, something is missing.

/** How loud FFmpeg's tone is. */
const AMPLITUDE = 1 / 8;
const SAMPLES_PER_MS = SAMPLE_RATE / 1000;

/** How an episode is made with a tone. */
export interface ToneEpisode {
  fps: number;
  /** FFmpeg's options for the audio. */
  encoder: readonly string[];
  seconds?: number;
  /** How much of it has audio. */
  toneSeconds?: number;
  container?: 'ts' | 'fmp4';
}

const toneInputs = (fps: number, seconds: number, toneSeconds: number) => [
  ...['-f', 'lavfi', '-i', `testsrc2=s=160x90:r=${fps}:d=${seconds}`],
  ...['-f', 'lavfi', '-i', `sine=f=1000:r=${SAMPLE_RATE}:d=${toneSeconds}`],
];

const videoEncoder = (fps: number) => [
  ...['-c:v', 'libx264', '-preset', 'veryfast', '-bf', '3', '-g', String(2 * fps)],
  ...['-sc_threshold', '0'],
];

/** An episode with a tone, in chunks of two seconds, made by FFmpeg: audio ends before the frames of each chunk do. */
export async function toneEpisode(
  { fps, encoder, seconds = 10, toneSeconds = seconds, container = 'fmp4' }: ToneEpisode,
  folder: string,
): Promise<string> {
  const dir = await mkdtemp(join(folder, 'tone-'));
  await promisify(execFile)(
    'ffmpeg',
    [
      ...['-v', 'error', ...toneInputs(fps, seconds, toneSeconds), ...videoEncoder(fps)],
      ...[...encoder, '-strict', '-2', '-f', 'hls', '-hls_time', '2'],
      ...['-hls_list_size', '0', '-hls_playlist_type', 'vod'],
      ...(container === 'fmp4' ? ['-hls_segment_type', 'fmp4'] : []),
      'index.m3u8',
    ],
    { cwd: dir },
  );
  return join(dir, 'index.m3u8');
}

/** The same in fMP4 as GStreamer's muxer makes it: audio lies one chunk before the frames that it is heard with. */
export async function earlyToneEpisode(
  { fps, encoder, seconds = 10 }: ToneEpisode,
  folder: string,
): Promise<string> {
  const dir = await mkdtemp(join(folder, 'tone-'));
  const file = join(dir, 'whole.mp4');
  await promisify(execFile)('ffmpeg', [
    ...['-v', 'error', ...toneInputs(fps, seconds, seconds), ...videoEncoder(fps), ...encoder],
    ...['-movflags', 'frag_keyframe+separate_moof+delay_moov+default_base_moof', file],
  ]);
  const bytes = await readFile(file);
  const init = join(dir, 'init.mp4');
  const fragments: Record<'video' | 'audio', Buffer[]> = { video: [], audio: [] };
  let media = 0;
  for (const { type, body } of boxesIn(bytes)) {
    if (type !== 'moof') continue;
    const start = body.byteOffset - bytes.byteOffset - 8;
    if (media === 0) await writeFile(init, bytes.subarray(0, start));
    media = readBox(bytes, start + 8 + body.length, bytes.length)!.end;
    const isVideo = neededBody(body, 'traf', 'tfhd').readUInt32BE(4) === 1;
    fragments[isVideo ? 'video' : 'audio'].push(bytes.subarray(start, media));
  }
  const chunks = fragments.video.map(async (video, n) => {
    const audio = fragments.audio.slice(n === 0 ? 0 : n + 1, n + 2);
    const chunk = join(dir, `${n}.m4s`);
    await writeFile(chunk, Buffer.concat([video, ...audio]));
    return { file: chunk, init, seconds: 2 };
  });
  return packageOf([await Promise.all(chunks)], folder);
}

/** In which milliseconds of its length a clip's tone is not heard as it should be. */
export async function silentMs({ clipFile }: MadeClip, lengthMs: number): Promise<number[]> {
  const heard = await hear('ffmpeg', clipFile);
  return Array.from({ length: Math.floor(lengthMs) }, (_, ms) => ms).filter((ms) => {
    const piece = heard?.samples.subarray(ms * SAMPLES_PER_MS, (ms + 1) * SAMPLES_PER_MS);
    const power = (piece?.reduce((sum, value) => sum + value ** 2, 0) ?? 0) / SAMPLES_PER_MS;
    return power < AMPLITUDE ** 2 / 2 / 8;
  });
}

/** Where segments meet, they are faded for so long. */
const FADE_MS = FADE_SECONDS * 1000;

/** The clip is heard from its first frame to the end of its last one. */
export async function expectHeard(
  playlistPath: string,
  fps: number,
  spans: readonly Span[],
  folder: string,
): Promise<void> {
  const clip = await madeClip({ playlistPath }, spans, folder);
  expect(clip.cuts.flatMap(warningsOf)).toEqual([]);
  const ends: number[] = [];
  for (const { pictures } of clip.cuts) {
    ends.push((ends.at(-1) ?? 0) + (pictures!.times.length * 1000) / fps);
  }
  const isFaded = (ms: number) =>
    ends.slice(0, -1).some((end) => ms + 1 > end - FADE_MS && ms < end + FADE_MS);
  const silent = await silentMs(clip, ends.at(-1)!);
  expect(silent.filter((ms) => !isFaded(ms))).toEqual([]);
}
