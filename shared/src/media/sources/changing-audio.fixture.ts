import { execFile } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { type CutOptions, type MadeClip, type Span, wholeEpisode } from '../clip.fixture.ts';
import { inspectClip } from '../join/inspect-clip.ts';
import { makeFile } from '../mp4/fragmented.fixture.ts';
import {
  framesOf,
  listenTo,
  madeClip,
  numbersIn,
  shortEpisode,
  type TestEpisode,
} from './judged.fixture.ts';
import { asPackedAudio, chunksOf, packageOf } from './packages.fixture.ts';

const run = promisify(execFile);
const ffmpeg = (args: readonly string[]) => run('ffmpeg', ['-v', 'error', '-y', ...args]);

/** Encoders of audio, one for each chunk of three seconds; behind the last, from the first on. */
export type Encoders = readonly (readonly string[])[];

/** FFmpeg's options for encoding, with so many channels and at a rate in Hz. */
export const encoder = (codec: string, channels: number, rate = 48_000): readonly string[] => [
  ...['-c:a', codec, '-ac', String(channels), '-ar', String(rate)],
];
export const aac = (channels: number, rate?: number) => encoder('aac', channels, rate);
export const ac3 = (channels: number, rate?: number) => encoder('ac3', channels, rate);

/** When the frames of a transport stream begin, in seconds. */
export async function beginOf(file: string): Promise<number> {
  const { stdout } = await run('ffprobe', [
    ...['-v', 'error', '-select_streams', 'v:0', '-show_entries', 'stream=start_time'],
    ...['-of', 'csv=p=0', file],
  ]);
  // Streams of a program are listed twice.
  return Number.parseFloat(stdout.trim());
}

/**
 * The sample episode in MPEG-TS, the audio of each chunk by an encoder of its own. Times go on over the change.
 * @param options `alone`: audio without frames beside it; `discontinuous`: a discontinuity before each change
 */
export async function changingAudio(
  encoders: Encoders,
  folder: string,
  { alone = false, discontinuous = false, chunkSeconds = 3 } = {},
): Promise<TestEpisode> {
  const episode = await shortEpisode({ chunkSeconds, gopSeconds: Math.min(1.5, chunkSeconds) });
  const dir = await mkdtemp(join(folder, 'changing-'));
  const whole = await wholeEpisode(episode.playlistPath, dir);
  const begin = await beginOf(whole);
  const chunks = await chunksOf(episode);
  let at = begin;
  const changed = [];
  for (const [n, chunk] of chunks.entries()) {
    const file = join(dir, `${n}.ts`);
    const [from, to] = [n === 0 ? 0 : at, at + chunk.seconds];
    const trim = `atrim=start=${from.toFixed(6)}:end=${n === chunks.length - 1 ? 1000 : to.toFixed(6)}`;
    at = to;
    await ffmpeg([
      ...['-copyts', '-i', chunk.file, '-copyts', '-i', whole, '-map', '1:a', '-af', trim],
      ...(alone ? [] : ['-map', '0:v', '-c:v', 'copy']),
      ...encoders[n % encoders.length]!,
      ...['-muxdelay', '0', '-muxpreload', '0', '-f', 'mpegts', file],
    ]);
    changed.push({ ...chunk, file });
  }
  const runs = discontinuous ? changed.map((chunk) => [chunk]) : [changed];
  return { ...episode, playlistPath: await packageOf(runs, folder) };
}

/** The frames of the sample episode, and audio that changes in a playlist of its own. */
export async function changingApart(
  encoders: Encoders,
  folder: string,
  { packed = false } = {},
): Promise<TestEpisode> {
  const sounds = await changingAudio(encoders, folder, { alone: true });
  const { playlistPath } = packed ? await asPackedAudio(sounds, folder) : sounds;
  return { ...(await shortEpisode()), soundPlaylistPath: playlistPath };
}

/** The same in one track of fragmented MP4, for codecs whose frames say what they are. */
export async function changingInMp4(encoders: Encoders, folder: string): Promise<TestEpisode> {
  const episode = await changingAudio(encoders, folder);
  const files = (await chunksOf(episode)).map(({ file }) => file);
  const args = ['-copyts', '-i', `concat:${files.join('|')}`, '-c', 'copy'];
  const movflags = 'frag_keyframe+delay_moov+default_base_moof';
  const { init, chunks } = await makeFile(args, movflags, folder);
  const seconds = 12 / chunks.length;
  const listed = chunks.map((file) => ({ file, init, seconds }));
  return { ...episode, playlistPath: await packageOf([listed], folder) };
}

/** A clip's front left and center in one channel: one channel of a source is in the center of a clip with more. */
export async function frontOf(clipFile: string): Promise<string> {
  const channels = await channelsOf(clipFile);
  if (channels < 3) return clipFile;
  const file = `${clipFile}.front.wav`;
  await ffmpeg(['-i', clipFile, '-map', '0:a', '-af', 'pan=mono|c0=FL+FC', file]);
  return file;
}

/** How many channels a decoder finds in a file. */
export async function channelsOf(file: string): Promise<number> {
  const shown = ['-select_streams', 'a:0', '-show_entries', 'stream=channels', '-of', 'csv=p=0'];
  const { stdout } = await run('ffprobe', ['-v', 'error', ...shown, file]);
  return Number.parseInt(stdout, 10);
}

/** Of the sample episode, whose formats change at 3, 6 and 9 s. */
export const SPAN: Span = [1_400, 10_700];

/** Around a change nothing is judged: a new encoder and a new decoder have nothing to begin with there. */
interface Changes {
  everyMs?: number;
  aroundMs?: readonly [before: number, after: number];
}

/** Cuts {@link SPAN}, and expects its frames, copied, and its audio, where it belongs to a millisecond. */
export async function expectInPlace(
  episode: TestEpisode,
  folder: string,
  { everyMs, aroundMs, ...options }: Changes & CutOptions = {},
): Promise<MadeClip> {
  const clip = await madeClip(episode, [SPAN], folder, { cut: 'exact', ...options });
  expect(await numbersIn(clip.clipFile)).toEqual(framesOf(SPAN, '30'));
  expect(clip.cuts[0]!.pictures?.method).toBe('smart');
  await expectAudioInPlace(clip.clipFile, { everyMs, aroundMs });
  return clip;
}

/** Expects audio of {@link SPAN} where it belongs, and as long as it is. */
export async function expectAudioInPlace(
  clipFile: string,
  { everyMs = 3_000, aroundMs = [60, 310] }: Changes = {},
): Promise<void> {
  const [startMs, endMs] = SPAN;
  const { sound } = await inspectClip(clipFile);
  expect(sound!.startTicks).toBe(0);
  expect(Math.abs(sound!.endTicks - (endMs - startMs) * 90)).toBeLessThan(2);
  const { offsetMs } = await listenTo(await frontOf(clipFile));
  const [before, after] = aroundMs;
  for (let clipMs = 50; clipMs + 250 < endMs - startMs; clipMs += 200) {
    const isAtChange = (startMs + clipMs + after) % everyMs < before + after;
    if (isAtChange) continue;
    expect(Math.abs(offsetMs(clipMs, startMs + clipMs) ?? 99), `at ${clipMs} ms`).toBeLessThan(1);
  }
}
