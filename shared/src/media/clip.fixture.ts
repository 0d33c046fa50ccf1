import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { cachedEpisode, type Episode, type EpisodeSpec } from '#local/sample/index';
import { type CutResult, cutSegment } from './cut/cut-segment.ts';
import { OWN_TIMES } from './cut/encode-like.ts';
import { chunksOf } from './hls/chunk-range.ts';
import { parsePlaylist, type TrackPlaylist } from './hls/playlist.ts';
import { type JoinResult, joinSegments, type SegmentFiles } from './join/join-segments.ts';
import { type Demuxer, indexFrames } from './source/frame-index.ts';
import { wantedFrames } from './source/wanted-frames.ts';

export type Span = [startMs: number, endMs: number];

/** Sample episodes are kept from run to run. */
const CACHE = join(tmpdir(), 'splicebus-test-episodes');

const signal = new AbortController().signal;

/** A small sample episode. */
export const smallEpisode = (spec: EpisodeSpec): Promise<Episode> =>
  cachedEpisode(CACHE, { seconds: 20, width: 320, height: 180, ...spec });

/**
 * The same episode with its pictures encoded in another way.
 * @param encoder FFmpeg's options for the picture
 */
export async function encodedAnew(
  episode: Episode,
  encoder: readonly string[],
  folder: string,
): Promise<Episode> {
  const dir = await mkdtemp(join(folder, 'episode-'));
  const playlist = await readPlaylist(episode.playlistPath);
  const source = await fetchChunks(episode.playlistPath, playlist, 0, playlist.chunks.length, dir);
  const fmp4 = ['-hls_segment_type', 'fmp4', '-hls_segment_options', 'movie_timescale=48000'];
  await promisify(execFile)(
    'ffmpeg',
    [
      ...['-v', 'error', '-i', source, ...OWN_TIMES, ...encoder],
      ...['-c:a', 'copy', '-f', 'hls', '-hls_time', String(episode.chunkSeconds)],
      ...['-hls_list_size', '0', '-hls_playlist_type', 'vod'],
      ...(episode.container === 'fmp4' ? fmp4 : []),
      ...['-hls_segment_filename', `%d.${episode.container === 'ts' ? 'ts' : 'm4s'}`, 'index.m3u8'],
    ],
    { cwd: dir },
  );
  return { ...episode, dir, playlistPath: join(dir, 'index.m3u8') };
}

/** A clip on disk, and how its segments were made. */
export interface MadeClip extends JoinResult {
  cuts: CutResult[];
}

/** The pipeline's media half without its services: chunks → segments → clip. */
export async function makeClip(
  episode: Pick<Episode, 'playlistPath'>,
  spans: readonly Span[],
  folder: string,
): Promise<MadeClip> {
  const playlist = await readPlaylist(episode.playlistPath);
  const demuxer: Demuxer = playlist.container === 'fmp4' ? 'mov' : 'mpegts';
  const work = await mkdtemp(join(folder, 'clip-'));
  const first = await fetchChunks(episode.playlistPath, playlist, 0, 0, work);
  const zeroPts = (await indexFrames(first, demuxer, signal)).pts[0]!;
  const cuts: CutResult[] = [];
  const files: SegmentFiles[] = [];
  for (const [n, [startMs, endMs]] of spans.entries()) {
    const folder = join(work, String(n));
    await mkdir(folder);
    const range = chunksOf(playlist, startMs, endMs);
    const source = await fetchChunks(
      episode.playlistPath,
      playlist,
      range.first,
      range.last,
      folder,
    );
    const index = await indexFrames(source, demuxer, signal);
    const wanted = wantedFrames(index, zeroPts, startMs, endMs);
    const hasAudio = index.audioEndUs !== undefined;
    const cut = await cutSegment({ source, demuxer, index, wanted, hasAudio, folder }, signal);
    await rm(source);
    cuts.push(cut);
    files.push({ ...cut, frameCount: wanted.frameCount, durationUs: wanted.durationUs });
  }
  return { ...(await joinSegments(files, work, signal)), cuts };
}

export async function readPlaylist(path: string): Promise<TrackPlaylist> {
  return parsePlaylist(await readFile(path, 'utf8'), 'x/index.m3u8', 'x/');
}

/** Stands in for the download: the chunks `first`…`last` joined byte by byte. */
export async function fetchChunks(
  playlistPath: string,
  playlist: TrackPlaylist,
  first: number,
  last: number,
  into: string,
): Promise<string> {
  const keys = playlist.chunks.slice(first, last + 1).map((chunk) => chunk.key);
  const parts = playlist.initKey ? [playlist.initKey, ...keys] : keys;
  const read = (key: string) => readFile(join(dirname(playlistPath), key.slice('x/'.length)));
  const file = join(into, 'chunks');
  await writeFile(file, Buffer.concat(await Promise.all(parts.map(read))));
  return file;
}
