import { copyFile, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import type { Episode } from '#local/sample/index';
import { encodedAnew, readPlaylist, wholeEpisode } from '../clip.fixture.ts';
import { KEY_FOLDER } from '../folder-store.fixture.ts';
import { makeFile } from '../mp4/fragmented.fixture.ts';
import { wrapped } from '../transport-stream/clock.ts';
import { shortEpisode, type TestEpisode } from './judged.fixture.ts';
import { FIRST_PID, type Pes, rewritten } from './rewrite.fixture.ts';

/** One chunk of a package that is put together from others. */
export interface PackagedChunk {
  /** Files. */
  file: string;
  init?: string;
  seconds: number;
  isGap?: boolean;
}

/** The chunks of a playlist, as files. */
export async function chunksOf({
  playlistPath,
}: Pick<Episode, 'playlistPath'>): Promise<PackagedChunk[]> {
  const { chunks, runs } = await readPlaylist(playlistPath);
  const fileOf = (key: string) => join(dirname(playlistPath), key.slice(KEY_FOLDER.length));
  return chunks.map(({ key, durationUs, run }) => {
    const { init } = runs[run]!;
    return {
      file: fileOf(key),
      seconds: durationUs / 1e6,
      ...(init && { init: fileOf(init.key) }),
    };
  });
}

/**
 * Lists chunks in a new playlist.
 * @param runs chunks on one clock each
 * @param without numbers of chunks that are listed, but not there
 */
export async function packageOf(
  runs: readonly (readonly PackagedChunk[])[],
  folder: string,
  without: readonly number[] = [],
): Promise<string> {
  const dir = await mkdtemp(join(folder, 'package-'));
  const lines = ['#EXTM3U', '#EXT-X-VERSION:8', '#EXT-X-TARGETDURATION:10'];
  let count = 0;
  for (const [run, chunks] of runs.entries()) {
    if (run > 0) lines.push('#EXT-X-DISCONTINUITY');
    const init = chunks[0]?.init;
    if (init) {
      await copyFile(init, join(dir, `init-${run}.mp4`));
      lines.push(`#EXT-X-MAP:URI="init-${run}.mp4"`);
    }
    for (const { file, seconds, isGap } of chunks) {
      const name = `chunk-${count}${extname(file)}`;
      if (isGap) lines.push('#EXT-X-GAP');
      else if (!without.includes(count)) await copyFile(file, join(dir, name));
      lines.push(`#EXTINF:${seconds.toFixed(6)},`, name);
      count++;
    }
  }
  const playlistPath = join(dir, 'index.m3u8');
  await writeFile(playlistPath, [...lines, '#EXT-X-ENDLIST', ''].join('\n'));
  return playlistPath;
}

/** The same episode with each of its chunks made anew. */
export async function withChunks(
  episode: Episode,
  folder: string,
  change: (bytes: Buffer, n: number) => Promise<Buffer> | Buffer,
): Promise<TestEpisode> {
  const dir = await mkdtemp(join(folder, 'changed-'));
  const chunks = await chunksOf(episode);
  const changed = chunks.map(async (chunk, n) => {
    const file = join(dir, `${n}${extname(chunk.file)}`);
    await writeFile(file, await change(await readFile(chunk.file), n));
    return { ...chunk, file };
  });
  return { ...episode, playlistPath: await packageOf([await Promise.all(changed)], folder) };
}

/**
 * The same episode as fragments of MP4.
 * @param movflags of FFmpeg's `mp4` muxer
 * @param seconds how long its fragments are
 */
export async function asFragments(
  episode: Episode,
  folder: string,
  movflags: string,
  seconds: number,
  options: readonly string[] = [],
): Promise<TestEpisode> {
  const source = await wholeEpisode(episode.playlistPath, await mkdtemp(join(folder, 'whole-')));
  const copied = ['-c', 'copy', '-bsf:a', 'aac_adtstoasc', '-movie_timescale', '48000'];
  const args = ['-i', source, ...copied, ...options];
  const { init, chunks } = await makeFile(args, movflags, folder);
  const run = chunks.map((file) => ({ file, init, seconds }));
  return { ...episode, playlistPath: await packageOf([run], folder) };
}

/** The same episode with all its chunks in one file, told apart by byte ranges. */
export async function asByteRanges(episode: Episode, folder: string): Promise<TestEpisode> {
  const dir = await mkdtemp(join(folder, 'ranges-'));
  const chunks = await chunksOf(episode);
  const init = chunks[0]?.init;
  const files = [...(init ? [init] : []), ...chunks.map(({ file }) => file)];
  const parts = await Promise.all(files.map((file) => readFile(file)));
  await writeFile(join(dir, 'all.bin'), Buffer.concat(parts));
  const lines = ['#EXTM3U', '#EXT-X-VERSION:7', '#EXT-X-TARGETDURATION:10'];
  let at = 0;
  for (const [n, part] of parts.entries()) {
    const isInit = init !== undefined && n === 0;
    const range = `${part.length}@${at}`;
    at += part.length;
    if (isInit) lines.push(`#EXT-X-MAP:URI="all.bin",BYTERANGE="${range}"`);
    else {
      const { seconds } = chunks[init ? n - 1 : n]!;
      lines.push(`#EXT-X-BYTERANGE:${range}`, `#EXTINF:${seconds.toFixed(6)},`, 'all.bin');
    }
  }
  const playlistPath = join(dir, 'index.m3u8');
  await writeFile(playlistPath, [...lines, '#EXT-X-ENDLIST', ''].join('\n'));
  return { ...episode, playlistPath };
}

/** When the clock begins, in a tag before the frames: RFC 8216, 3.4. */
function timeTag(ticks: number): Buffer {
  const owner = Buffer.from('com.apple.streaming.transportStreamTimestamp\0');
  const body = Buffer.alloc(owner.length + 8);
  owner.copy(body);
  body.writeBigUInt64BE(BigInt(wrapped(ticks)), owner.length);
  const tag = Buffer.alloc(20);
  tag.write('ID3\x04', 0, 'latin1');
  tag[9] = 10 + body.length;
  tag.write('PRIV', 10, 'latin1');
  tag[17] = body.length;
  return Buffer.concat([tag, body]);
}

/** The sound of MPEG-TS chunks without them. */
export async function asPackedAudio(episode: Episode, folder: string): Promise<TestEpisode> {
  const dir = await mkdtemp(join(folder, 'packed-'));
  const packed: PackagedChunk[] = [];
  for (const [n, { file, seconds }] of (await chunksOf(episode)).entries()) {
    const all: Pes[] = [];
    rewritten(await readFile(file), FIRST_PID, (found) => {
      all.push(...found);
      return found;
    });
    const bytes = [timeTag(all[0]!.pts!), ...all.map(({ payload }) => payload)];
    packed.push({ file: join(dir, `${n}.aac`), seconds });
    await writeFile(packed[n]!.file, Buffer.concat(bytes));
  }
  return { ...episode, playlistPath: await packageOf([packed], folder) };
}

export type Container = Episode['container'];

/**
 * Pictures in one playlist and sound in another, whose chunks end elsewhere.
 * @param muxer options of FFmpeg's HLS muxer
 */
export async function apart(
  [picture, sound]: readonly [Container, Container | 'packed'],
  folder: string,
  muxer: readonly string[] = [],
  soundChunkSeconds = 2.3,
): Promise<TestEpisode> {
  const plain = await shortEpisode();
  // Both keep the clock of the whole.
  const input = ['-copyts'];
  const pictures = await encodedAnew(plain, ['-c:v', 'copy', '-an'], folder, {
    ...{ container: picture, input, sound: [], muxer },
  });
  const sounds = await encodedAnew(plain, ['-vn'], folder, {
    ...{
      container: sound === 'fmp4' ? 'fmp4' : 'ts',
      chunkSeconds: soundChunkSeconds,
      input,
      muxer,
    },
  });
  const packed = sound === 'packed' ? await asPackedAudio(sounds, folder) : sounds;
  return { ...pictures, soundPlaylistPath: packed.playlistPath };
}
