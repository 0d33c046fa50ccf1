import { execFile } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { SAMPLE_RATE } from '#local/sample/index';
import { wholeEpisode } from '../clip.fixture.ts';
import { beginOf } from './changing-audio.fixture.ts';
import { shortEpisode, type TestEpisode } from './judged.fixture.ts';

const run = promisify(execFile);

/** How late the audio of a file is, in samples: `he-aac/README.md`. */
const DELAY_SAMPLES = { mono: 5057, stereo: 5057, parametric: 7106 } as const;

export type HeKind = keyof typeof DELAY_SAMPLES;

export const heFile = (kind: HeKind): string =>
  fileURLToPath(new URL(`he-aac/${kind}.aac`, import.meta.url));

/** The sample's frames with its voice in HE-AAC, and noise above 11 kHz that only SBR carries. */
export async function heEpisode(
  kind: HeKind,
  folder: string,
  { container = 'ts', alone = false }: { container?: 'ts' | 'fmp4'; alone?: boolean } = {},
): Promise<TestEpisode> {
  const episode = await shortEpisode();
  const dir = await mkdtemp(join(folder, 'he-aac-'));
  const whole = await wholeEpisode(episode.playlistPath, dir);
  const begin = (await beginOf(whole)) - DELAY_SAMPLES[kind] / SAMPLE_RATE;
  const fmp4 = [
    ...['-bsf:a', 'aac_adtstoasc', '-hls_segment_type', 'fmp4'],
    ...['-hls_segment_options', 'movie_timescale=48000'],
  ];
  await run(
    'ffmpeg',
    [
      ...['-v', 'error', '-copyts', '-i', whole, '-itsoffset', begin.toFixed(6)],
      ...['-i', heFile(kind), ...(alone ? [] : ['-map', '0:v']), '-map', '1:a', '-c', 'copy'],
      ...['-f', 'hls', '-hls_time', '3', '-hls_list_size', '0', '-hls_playlist_type', 'vod'],
      ...(container === 'fmp4' ? fmp4 : []),
      ...['-hls_segment_filename', `%d.${container === 'ts' ? 'ts' : 'm4s'}`, 'index.m3u8'],
    ],
    { cwd: dir },
  );
  return { ...episode, container, dir, playlistPath: join(dir, 'index.m3u8') };
}

const BLOCK_SECONDS = 0.04;

/** How loud a file is above 11 kHz, in dB, every 40 ms from its beginning. */
export async function highBandDb(file: string): Promise<number[]> {
  const above = 'highpass=f=11000,highpass=f=11000';
  const { stdout } = await run(
    'ffmpeg',
    [
      ...['-v', 'error', '-i', file, '-map', '0:a'],
      ...['-af', `aresample=${SAMPLE_RATE},pan=mono|c0=c0,${above}`, '-f', 'f32le', 'pipe:1'],
    ],
    { encoding: 'buffer', maxBuffer: 2 ** 28 },
  );
  const samples = new Float32Array(new Uint8Array(stdout).buffer, 0, stdout.length >> 2);
  const length = BLOCK_SECONDS * SAMPLE_RATE;
  return Array.from({ length: Math.floor(samples.length / length) }, (_, n) => {
    const block = samples.subarray(n * length, (n + 1) * length);
    const power = block.reduce((sum, value) => sum + value * value, 0) / length;
    return 10 * Math.log10(power + 1e-12);
  });
}
