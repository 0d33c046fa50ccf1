import { access, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { runChild } from '#local/sample/child';
import { cachedEpisode } from '#local/sample/index';
import { ffmpegPath } from '#shared/media/ffmpeg/run';

/** Kept from run to run. */
export const CACHE = join(tmpdir(), 'splicebus-bench');

export const CHUNK_SECONDS = 6;
export const PLAYLIST = 'index.m3u8';
/** The sample is drawn: noise gives encoders something to do. More of it would slow the re-encode down. */
const NOISE = 'noise=alls=5:allf=t';
/** With sound and packets, some 4 GB an hour. */
const VIDEO_KILOBITS = 8500;

/** An HLS package on disk, of chunks of 6 s. */
export interface BenchEpisode {
  playlistPath: string;
  seconds: number;
  /** Where the frames numbered from 0 begin, in seconds: before, there is nothing to be cut. */
  offsetSeconds: number;
}

/**
 * The sample episode at 1080p30 and 8.5 Mbit/s: H.264 High with B-frames, closed GOPs of 2 s, AAC. The time
 * stamps of its frames are those of the sample.
 * @param seconds a multiple of 6
 */
export async function benchEpisode(seconds: number): Promise<BenchEpisode> {
  const dir = join(CACHE, `noisy-${seconds}-${VIDEO_KILOBITS}k`);
  const make = async (into: string) => {
    const drawn = await cachedEpisode(CACHE, { width: 1920, height: 1080, seconds });
    await packageHls(into, [
      ...['-i', drawn.playlistPath, '-vf', NOISE],
      ...['-fps_mode', 'passthrough', '-enc_time_base', '1:90000'],
      ...['-c:v', 'libx264', '-preset', 'ultrafast', '-profile:v', 'high', '-pix_fmt', 'yuv420p'],
      ...['-b:v', `${VIDEO_KILOBITS}k`, '-maxrate', `${1.3 * VIDEO_KILOBITS}k`],
      ...['-bufsize', `${2 * VIDEO_KILOBITS}k`],
      ...['-bf', '3', '-g', '60', '-keyint_min', '60', '-x264-params', X264, '-c:a', 'copy'],
    ]);
    await rm(drawn.dir, { recursive: true });
  };
  await cached(dir, `${seconds / 60} min of 1080p video, which takes some ten minutes`, make);
  return { playlistPath: join(dir, PLAYLIST), seconds, offsetSeconds: 0 };
}

const X264 = 'cabac=1:8x8dct=1:deblock=0,0:b-adapt=0:b-pyramid=normal:scenecut=0:open-gop=0';

/** The size of an episode's chunks. */
export async function bytesOf({ playlistPath }: BenchEpisode): Promise<number> {
  const dir = dirname(playlistPath);
  const chunks = (await readdir(dir)).filter((name) => name.endsWith('.ts'));
  const sizes = await Promise.all(chunks.map(async (name) => (await stat(join(dir, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Runs FFmpeg in a folder, to a playlist and its chunks there. */
export async function packageHls(dir: string, args: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await runChild(
    ffmpegPath(),
    [
      ...['-hide_banner', '-nostdin', '-v', 'error', '-y', ...args],
      ...['-f', 'hls', '-hls_time', String(CHUNK_SECONDS), '-hls_list_size', '0'],
      ...['-hls_playlist_type', 'vod', '-hls_flags', 'independent_segments'],
      ...['-hls_segment_filename', '%05d.ts', PLAYLIST],
    ],
    { cwd: dir },
  );
  if (exitCode !== 0) throw new Error(`The episode cannot be made: ${stderr.trim()}`);
}

/** Makes a folder aside and names it when it is complete: a run that was stopped leaves none behind. */
export async function cached(
  dir: string,
  what: string,
  make: (aside: string) => Promise<void>,
): Promise<void> {
  const isThere = await access(dir).then(
    () => true,
    () => false,
  );
  if (isThere) return;
  console.log(`Making ${what}, once: it is kept in the system's folder for temporary files …`);
  await mkdir(CACHE, { recursive: true });
  const aside = await mkdtemp(join(CACHE, '.making-'));
  try {
    await make(aside);
    await rename(aside, dir);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}
