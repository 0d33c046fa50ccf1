import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cachedEpisode, type Episode, type EpisodeSpec } from '#local/sample/index';
import { type OpenedSegment, openSegment, type SegmentRequest } from './collect/open-segment.ts';
import { type CutRequest, type CutResult, cutSegment } from './cut/cut-segment.ts';
import { OWN_TIMES } from './cut/encoder.ts';
import { ticksOf } from './cut/stretch.ts';
import { MediaWork } from './ffmpeg/media-work.ts';
import { FolderStore, KEY_FOLDER } from './folder-store.fixture.ts';
import { parseMediaPlaylist, type TrackPlaylist } from './hls/media-playlist.ts';
import { type JoinResult, joinSegments } from './join/join-segments.ts';
import type { SegmentFiles } from './join/segment-files.ts';

export type Span = [startMs: number, endMs: number];

/** Sample episodes are kept from run to run. */
const CACHE = join(tmpdir(), 'splicebus-test-episodes');

const signal = new AbortController().signal;

/** A small sample episode. */
export const smallEpisode = (spec: EpisodeSpec): Promise<Episode> =>
  cachedEpisode(CACHE, { seconds: 20, width: 320, height: 180, ...spec });

/** How an episode is packaged anew; what is absent stays as it is. */
export interface Packaging {
  container?: Episode['container'];
  chunkSeconds?: number;
  /** FFmpeg's options for reading the episode. */
  input?: readonly string[];
  /** FFmpeg's options for the sound. Default: it is copied. */
  sound?: readonly string[];
  /** Options of FFmpeg's HLS muxer. */
  muxer?: readonly string[];
}

/**
 * The same episode with its pictures encoded in another way.
 * @param encoder FFmpeg's options for the picture
 */
export async function encodedAnew(
  episode: Episode,
  encoder: readonly string[],
  folder: string,
  { input = [], sound = ['-c:a', 'copy'], muxer = [], ...changed }: Packaging = {},
): Promise<Episode> {
  const { container, chunkSeconds } = { ...episode, ...changed };
  const dir = await mkdtemp(join(folder, 'episode-'));
  const source = await wholeEpisode(episode.playlistPath, dir);
  const isRepacked = episode.container === 'ts' && sound.includes('copy');
  const fmp4 = [
    ...['-hls_segment_type', 'fmp4', '-hls_segment_options', 'movie_timescale=48000'],
    ...(isRepacked ? ['-bsf:a', 'aac_adtstoasc'] : []),
  ];
  await promisify(execFile)(
    'ffmpeg',
    [
      ...['-v', 'error', ...input, '-i', source, ...OWN_TIMES, ...encoder, ...sound],
      ...['-f', 'hls', '-hls_time', String(chunkSeconds)],
      ...['-hls_list_size', '0', '-hls_playlist_type', 'vod'],
      ...(container === 'fmp4' ? fmp4 : []),
      ...['-hls_segment_filename', `%d.${container === 'ts' ? 'ts' : 'm4s'}`],
      ...[...muxer, 'index.m3u8'],
    ],
    { cwd: dir },
  );
  return { ...episode, container, chunkSeconds, dir, playlistPath: join(dir, 'index.m3u8') };
}

/** How to cut, as a request may ask for it. */
export type CutOptions = Partial<
  Pick<CutRequest, 'cut' | 'audio' | 'isWholeClip' | 'output'> &
    Pick<SegmentRequest, 'gaps' | 'audioTrack'>
>;

/** A segment as it was cut, and what it took. */
export interface MadeSegment extends CutResult {
  opened: OpenedSegment;
  work: MediaWork;
  bytesRead: number;
}

/** A clip on disk, and how its segments were made. */
export interface MadeClip extends JoinResult {
  cuts: MadeSegment[];
  joining: MediaWork;
}

/** Where an episode's playlists lie. */
export interface EpisodePaths extends Pick<Episode, 'playlistPath'> {
  /** The playlist, where it has been read: a function keeps it from one segment to the next. */
  playlist?: TrackPlaylist;
  /** Of the sound, where it has a playlist of its own. */
  soundPlaylistPath?: string;
}

/** The pipeline's media half without its services: chunks → segments → clip. */
export async function makeClip(
  episode: EpisodePaths,
  spans: readonly Span[],
  folder: string,
  options: CutOptions = {},
): Promise<MadeClip> {
  const clipFolder = await mkdtemp(join(folder, 'clip-'));
  const cuts: MadeSegment[] = [];
  const isWholeClip = spans.length === 1;
  for (const [n, span] of spans.entries()) {
    cuts.push(
      await makeSegment(episode, span, join(clipFolder, String(n)), { isWholeClip, ...options }),
    );
  }
  const joining = new MediaWork(clipFolder, signal);
  const files = cuts.map((cut, n) => segmentFiles(cut, spans[n - 1]?.[1] === spans[n]![0]));
  return { ...(await joinSegments(files, joining)), cuts, joining };
}

/** Cuts one segment into a new folder. */
export async function makeSegment(
  { playlistPath, playlist, soundPlaylistPath }: EpisodePaths,
  [startMs, endMs]: Span,
  folder: string,
  options: CutOptions = {},
): Promise<MadeSegment> {
  const { cut = 'exact', audio = 'exact', gaps = 'fail', isWholeClip = false } = options;
  const { output, audioTrack } = options;
  await mkdir(folder);
  const work = new MediaWork(folder, signal);
  const picture = await renditionOf(playlistPath, folder, 'picture', playlist);
  const sound = soundPlaylistPath && (await renditionOf(soundPlaylistPath, folder, 'sound'));
  const opened = await openSegment(
    { startMs, endMs, gaps, audioTrack },
    picture,
    sound || undefined,
    work,
  );
  const made = await cutSegment(
    { stretches: opened.stretches, cut, audio, isWholeClip, output },
    work,
  );
  const bytesRead = picture.store.bytesRead + (sound ? sound.store.bytesRead : 0);
  return { ...made, opened, work, bytesRead };
}

const renditionOf = async (path: string, folder: string, name: string, known?: TrackPlaylist) => ({
  playlist: known ?? (await readPlaylist(path)),
  store: new FolderStore(path, folder, name),
});

/** A cut segment as the join takes it. */
export const segmentFiles = (
  { pictures, sound, stretches }: CutResult,
  isContinuation = false,
): SegmentFiles => ({
  videoFile: pictures?.file,
  sound,
  frameCount: pictures?.times.length ?? 0,
  durationTicks: stretches.reduce((sum, stretch) => sum + ticksOf(stretch), 0),
  isContinuation,
});

export async function readPlaylist(path: string): Promise<TrackPlaylist> {
  return parseMediaPlaylist(await readFile(path, 'utf8'), `${KEY_FOLDER}index.m3u8`, KEY_FOLDER);
}

/** All chunks of an episode joined byte by byte. */
export async function wholeEpisode(playlistPath: string, into: string): Promise<string> {
  const playlist = await readPlaylist(playlistPath);
  const store = new FolderStore(playlistPath, into);
  const init = playlist.runs[0]?.init;
  const chunks = await store.fetch(playlist.chunks);
  const files = [...(init ? [await store.fetchInit(init)] : []), ...chunks.values()];
  const file = join(into, 'chunks');
  await writeFile(file, Buffer.concat(await Promise.all(files.map((path) => readFile(path)))));
  return file;
}
