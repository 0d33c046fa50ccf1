import { posix } from 'node:path';
import { parse, type types } from 'hls-parser';
import { PermanentError } from '../../errors.ts';

/** One chunk of a track, in the order of the playlist. */
export interface Chunk {
  index: number;
  /** S3 key. */
  key: string;
  /** Where the chunk begins by the playlist's own durations, in microseconds from the first chunk. */
  startUs: number;
  durationUs: number;
}

/** A track as its media playlist lists it. */
export interface TrackPlaylist {
  container: 'mpegts' | 'fmp4';
  /** S3 key of the initialization section; only for fMP4. */
  initKey?: string;
  chunks: Chunk[];
  durationUs: number;
}

/** Some 100,000 chunks, or a week of them: what is larger is no playlist, and would fill the memory. */
export const MAX_PLAYLIST_BYTES = 16 * 1024 * 1024;

/**
 * Reads a media playlist.
 * @param playlistKey the S3 key it came from; URIs are resolved against it
 * @param folder the S3 folder, with trailing slash, that every chunk must lie in
 * @throws PermanentError `PLAYLIST_INVALID` or `PLAYLIST_UNSUPPORTED`
 */
export function parsePlaylist(text: string, playlistKey: string, folder: string): TrackPlaylist {
  const playlist = parseMediaPlaylist(text, playlistKey);
  const keyOf = (uri: string) => resolveKey(uri, playlistKey, folder);
  const segments = playlist.segments.filter((segment) => segment.uri);
  const first = segments[0];
  if (!first) throw invalid(playlistKey, 'it lists no chunks');
  for (const segment of segments) assertSupported(segment, first, playlistKey);
  let startUs = 0;
  const chunks = segments.map((segment, index) => {
    const durationUs = Math.round(segment.duration * 1e6);
    const chunk = { index, key: keyOf(segment.uri), startUs, durationUs };
    startUs += durationUs;
    return chunk;
  });
  return {
    container: first.map ? 'fmp4' : 'mpegts',
    ...(first.map ? { initKey: keyOf(first.map.uri) } : {}),
    chunks,
    durationUs: startUs,
  };
}

function parseMediaPlaylist(text: string, playlistKey: string): types.MediaPlaylist {
  if (text.length > MAX_PLAYLIST_BYTES) throw invalid(playlistKey, 'it is larger than 16 MB');
  let playlist: types.MasterPlaylist | types.MediaPlaylist;
  try {
    playlist = parse(text);
  } catch (cause) {
    throw invalid(playlistKey, 'it does not parse as HLS', cause);
  }
  if (playlist.isMasterPlaylist) {
    throw unsupported(
      playlistKey,
      'it is a master playlist: name one of its media playlists in the episode item',
    );
  }
  return playlist as types.MediaPlaylist;
}

/** What the cut cannot do yet is refused by name, never cut wrongly. */
function assertSupported(segment: types.Segment, first: types.Segment, playlistKey: string): void {
  if (segment.key && segment.key.method !== 'NONE') {
    throw unsupported(playlistKey, 'its chunks are encrypted (EXT-X-KEY)');
  }
  if (segment.discontinuity && segment !== first) {
    throw unsupported(playlistKey, 'it has a discontinuity (EXT-X-DISCONTINUITY)');
  }
  if (segment.byterange || segment.map?.byterange) {
    throw unsupported(playlistKey, 'its chunks are byte ranges (EXT-X-BYTERANGE)');
  }
  if (segment.map?.uri !== first.map?.uri) {
    throw unsupported(playlistKey, 'it changes its initialization section (EXT-X-MAP)');
  }
  if (!Number.isFinite(segment.duration) || segment.duration <= 0) {
    throw invalid(playlistKey, 'a chunk has no duration (EXTINF)');
  }
}

/**
 * The S3 key that a URI of a playlist means. Only plain relative paths below the track's own folder are
 * followed: a playlist is data, and may not send us to another host, another episode or another tenant.
 */
function resolveKey(uri: string, playlistKey: string, folder: string): string {
  let path: string;
  try {
    path = decodeURIComponent(uri.replace(/[?#].*$/s, ''));
  } catch (cause) {
    throw invalid(playlistKey, `the chunk URI "${uri.slice(0, 100)}" is badly encoded`, cause);
  }
  const key = posix.normalize(posix.join(posix.dirname(playlistKey), path));
  const isPlainPath = !/^[a-z][a-z0-9+.-]*:|^\/|[\\\p{Cc}]/iu.test(path);
  if (path === '' || !isPlainPath || !key.startsWith(folder)) {
    throw invalid(
      playlistKey,
      `the chunk URI "${uri.slice(0, 100)}" is not a relative path below ${folder}`,
    );
  }
  return key;
}

function invalid(key: string, reason: string, cause?: unknown): PermanentError {
  return new PermanentError('PLAYLIST_INVALID', `The playlist ${key} cannot be used: ${reason}.`, {
    cause,
  });
}

function unsupported(key: string, reason: string): PermanentError {
  return new PermanentError(
    'PLAYLIST_UNSUPPORTED',
    `The playlist ${key} is not supported: ${reason}.`,
  );
}
