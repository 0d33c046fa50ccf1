import { execFile } from 'node:child_process';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { judgeClip } from '#local/judge/index';
import type { Episode } from '#local/sample/index';
import type { Span } from '../clip.fixture.ts';
import { MediaWork } from '../ffmpeg/media-work.ts';
import { probeClip } from '../finished/probe-clip.ts';
import { readMovie } from '../mp4/movie/read-movie.ts';
import { encodeRendition } from '../rendition/encode-rendition.ts';
import { type MadeRung, makeRung } from './make-rung.ts';
import { type ChunkPlan, keyPictures, planChunks } from './plan-chunks.ts';
import { FIRST_PICTURE_SECONDS } from './write-rung.ts';

const run = promisify(execFile);

interface Ladder {
  plan: ChunkPlan;
  source: MadeRung;
  smaller: MadeRung;
  work: MediaWork;
}

/** A clip's own rung, and one of half its size. */
export async function ladderOf(clipFile: string, folder: string): Promise<Ladder> {
  const work = new MediaWork(await mkdtemp(join(folder, 'ladder-')), new AbortController().signal);
  const plan = planChunks(await readMovie(clipFile));
  const source = await makeRung('source', clipFile, plan, work);
  expect(work.processes).toBe(0);
  const pictures = (await probeClip(clipFile, work))!;
  const half = (pixels: number) => 2 * Math.round(pixels / 4);
  const size = { width: half(pictures.size.width), height: half(pictures.size.height) };
  const keysSeconds = keyPictures(plan);
  const file = await encodeRendition(clipFile, { name: '720p', size, pictures, keysSeconds }, work);
  return { plan, source, smaller: await makeRung('720p', file, plan, work), work };
}

/** Plays a rung through FFmpeg's HLS demuxer, as a player does, into an MP4 whose first picture is at 0. */
export async function playedRung(playlistFile: string): Promise<string> {
  const file = playlistFile.replace('.m3u8', '.played.mp4');
  await run('ffmpeg', [
    ...['-v', 'error', '-y', '-copyts', '-i', playlistFile],
    // FFmpeg's MP4 takes the last frame of AAC to have no length.
    ...['-map', '0:v?', '-map', '0:a?', '-c', 'copy', '-bsf:a', 'setts=duration=1024'],
    ...['-output_ts_offset', String(-FIRST_PICTURE_SECONDS), '-avoid_negative_ts', 'disabled'],
    ...['-movie_timescale', '48000', '-movflags', '+faststart', file],
  ]);
  return file;
}

/** What is wrong with a rung of a clip of a sample episode: all of its pictures and its sound are judged. */
export async function faultsOfRung(
  playlistFile: string,
  episode: Episode,
  spans: readonly Span[],
): Promise<readonly string[]> {
  const { faults } = await judgeClip({
    clipPath: await playedRung(playlistFile),
    segments: spans.map(([startMs, endMs]) => ({ startMs, endMs })),
    fps: episode.fps,
    episodeFrameCount: episode.frameCount,
    hasAudio: episode.audio,
  });
  return faults;
}

/** The chunks of a media playlist: how long each is, and a file with nothing but it behind the header. */
export async function chunksOfRung(
  playlistFile: string,
): Promise<{ seconds: number; file: string }[]> {
  const text = await readFile(playlistFile, 'utf8');
  const media = await readFile(playlistFile.replace('.m3u8', '.m4s'));
  const [, headerBytes] = /#EXT-X-MAP:URI="[^"]+",BYTERANGE="(\d+)@0"/.exec(text)!;
  const chunks = text.matchAll(/#EXTINF:([\d.]+),\n#EXT-X-BYTERANGE:(\d+)@(\d+)\n/g);
  return Promise.all(
    [...chunks].map(async ([, seconds, bytes, offset], n) => {
      const file = join(dirname(playlistFile), `chunk-${n}.mp4`);
      const chunk = media.subarray(Number(offset), Number(offset) + Number(bytes));
      await writeFile(file, Buffer.concat([media.subarray(0, Number(headerBytes)), chunk]));
      return { seconds: Number(seconds), file };
    }),
  );
}

/** How many pictures a file shows; what cannot be decoded is an error. */
export async function picturesIn(file: string): Promise<number> {
  const { stdout } = await run('ffmpeg', [
    ...['-v', 'error', '-xerror', '-i', file, '-map', '0:v', '-f', 'framecrc', '-'],
  ]);
  return stdout.split('\n').filter((line) => /^0,/.test(line)).length;
}
