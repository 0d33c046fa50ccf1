import { execFile } from 'node:child_process';
import { createCipheriv, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type SampleName, sampleEpisode } from '../harness/sample-episodes.ts';
import type { TrackFiles } from '../harness/splicebus.ts';

// The sample episode, packaged in the ways that packagers have.

/** Of all samples. */
const CHUNK_SECONDS = 6;

/** Every file of a folder. */
function filesIn(folder: string): Record<string, Buffer> {
  const names = readdirSync(folder);
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name))]));
}

/** A chunk of a playlist. */
interface ListedChunk {
  name: string;
  /** Lines in front of it. */
  tags?: readonly string[];
}

function playlistOf(chunks: readonly ListedChunk[], isEnded = true): string {
  const head = ['#EXTM3U', '#EXT-X-VERSION:8', `#EXT-X-TARGETDURATION:${CHUNK_SECONDS}`];
  const duration = `#EXTINF:${CHUNK_SECONDS.toFixed(6)},`;
  const listed = chunks.flatMap(({ name, tags = [] }) => [...tags, duration, name]);
  return [...head, ...listed, ...(isEnded ? ['#EXT-X-ENDLIST'] : []), ''].join('\n');
}

/** The four chunks of the plain sample. */
async function plainChunks(): Promise<Buffer[]> {
  const { dir } = await sampleEpisode('plain');
  const names = readdirSync(dir).filter((name) => name.endsWith('.ts'));
  return names.sort().map((name) => readFileSync(join(dir, name)));
}

/** Chunks that are encrypted: two with the vector of the tag, two with that of their number. */
export async function encrypted(): Promise<TrackFiles> {
  const key = randomBytes(16);
  const explicit = randomBytes(16);
  const ofNumber = (n: number) => Buffer.from(n.toString(16).padStart(32, '0'), 'hex');
  const chunks = await plainChunks();
  const sealed = chunks.map((chunk, n) => {
    const cipher = createCipheriv('aes-128-cbc', key, n < 2 ? explicit : ofNumber(n));
    return [`${n}.ts`, Buffer.concat([cipher.update(chunk), cipher.final()])];
  });
  const tag = '#EXT-X-KEY:METHOD=AES-128,URI="keys/1"';
  const tags: Record<number, string> = { 0: `${tag},IV=0x${explicit.toString('hex')}`, 2: tag };
  const listed = chunks.map((_, n) => ({ name: `${n}.ts`, tags: tags[n] ? [tags[n]] : [] }));
  return { ...Object.fromEntries(sealed), 'keys/1': key, 'index.m3u8': playlistOf(listed) };
}

/** The second half before the first: the clock falls back at the discontinuity. */
export async function halvesSwapped(): Promise<TrackFiles> {
  const [a, b, c, d] = (await plainChunks()) as [Buffer, Buffer, Buffer, Buffer];
  const listed = [
    { name: 'c.ts' },
    { name: 'd.ts' },
    { name: 'a.ts', tags: ['#EXT-X-DISCONTINUITY'] },
    { name: 'b.ts' },
  ];
  return { 'a.ts': a, 'b.ts': b, 'c.ts': c, 'd.ts': d, 'index.m3u8': playlistOf(listed) };
}

/** The second chunk is not there, and the third says so itself. */
export async function withGaps(): Promise<TrackFiles> {
  const [first, , , last] = (await plainChunks()) as [Buffer, Buffer, Buffer, Buffer];
  const listed = [
    { name: '0.ts' },
    { name: '1.ts' },
    { name: '2.ts', tags: ['#EXT-X-GAP'] },
    { name: '3.ts' },
  ];
  return { '0.ts': first, '3.ts': last, 'index.m3u8': playlistOf(listed) };
}

/** The plain sample as it grows: its first half, then what is put to it, and the end. */
export async function growing(): Promise<[TrackFiles, TrackFiles, TrackFiles]> {
  const [a, b, c, d] = (await plainChunks()) as [Buffer, Buffer, Buffer, Buffer];
  const listed = ['a.ts', 'b.ts', 'c.ts', 'd.ts'].map((name) => ({ name }));
  // The playlist comes last: what it lists is there.
  return [
    { 'a.ts': a, 'b.ts': b, 'index.m3u8': playlistOf(listed.slice(0, 2), false) },
    { 'c.ts': c, 'index.m3u8': playlistOf(listed.slice(0, 3), false) },
    { 'd.ts': d, 'index.m3u8': playlistOf(listed) },
  ];
}

/** A playlist of 12 hours that end with the plain sample. Only the first and the last two chunks exist. */
export async function endOfTwelveHours(): Promise<TrackFiles> {
  const count = (12 * 60 * 60) / CHUNK_SECONDS;
  const names = Array.from({ length: count }, (_, n) => `${n}.ts`);
  const beginning = await shifted(0);
  const end = await shifted((count - 4) * CHUNK_SECONDS);
  return {
    '0.ts': beginning['0.ts']!,
    [names.at(-2)!]: end['2.ts']!,
    [names.at(-1)!]: end['3.ts']!,
    'index.m3u8': playlistOf(names.map((name) => ({ name }))),
  };
}

/** All chunks in one MPEG-TS file. */
export async function oneTransportStream(): Promise<TrackFiles> {
  let at = 0;
  const chunks = await plainChunks();
  const listed = chunks.map(({ length }) => {
    const tags = [`#EXT-X-BYTERANGE:${length}@${at}`];
    at += length;
    return { name: 'all.ts', tags };
  });
  return { 'all.ts': Buffer.concat(chunks), 'index.m3u8': playlistOf(listed) };
}

/** All chunks and the initialization section in one MP4, as FFmpeg writes it. */
export const oneMp4 = (): Promise<TrackFiles> =>
  packaged('fmp4', [
    ...['-c', 'copy', '-hls_segment_type', 'fmp4', '-hls_flags', 'single_file'],
    ...['-hls_segment_options', 'movie_timescale=48000', '-hls_segment_filename', 'all.mp4'],
    'index.m3u8',
  ]);

/** A master playlist: pictures of 180 and 360 pixels, and the sound by itself in `sound.m3u8`. */
export const twoQualities = (): Promise<TrackFiles> =>
  packaged('plain', [
    ...['-map', '0:v', '-map', '0:v', '-map', '0:a', '-c', 'copy', '-b:v:0', '300k'],
    ...['-filter:v:1', 'scale=640:360', '-c:v:1', 'libx264', '-preset', 'ultrafast'],
    ...['-b:v:1', '1M', '-fps_mode', 'passthrough', '-enc_time_base', '1:90000'],
    ...['-force_key_frames:v:1', 'expr:gte(t,n_forced*2)'],
    ...['-master_pl_name', 'index.m3u8', '-var_stream_map'],
    'v:0,agroup:a,name:low v:1,agroup:a,name:high a:0,agroup:a,default:yes,name:sound',
    ...['-hls_segment_filename', '%v-%d.ts', '%v.m3u8'],
  ]);

/** The plain sample as it would be so many seconds into a broadcast. */
export const shifted = (seconds: number): Promise<TrackFiles> =>
  packaged('plain', [
    ...['-c', 'copy', '-output_ts_offset', String(seconds)],
    ...['-hls_segment_filename', '%d.ts', 'index.m3u8'],
  ]);

async function packaged(sample: SampleName, output: readonly string[]): Promise<TrackFiles> {
  const { playlistPath } = await sampleEpisode(sample);
  const folder = mkdtempSync(join(tmpdir(), 'splicebus-package-'));
  try {
    await promisify(execFile)(
      'ffmpeg',
      [
        ...['-v', 'error', '-copyts', '-i', playlistPath, '-muxdelay', '0', '-muxpreload', '0'],
        ...['-f', 'hls', '-hls_time', String(CHUNK_SECONDS), '-hls_playlist_type', 'vod'],
        ...output,
      ],
      { cwd: folder },
    );
    return filesIn(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
