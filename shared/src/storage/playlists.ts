import { PermanentError } from '../errors.ts';
import {
  chooseRendition,
  isMasterPlaylist,
  type Quality,
  type Rendition,
} from '../media/hls/master-playlist.ts';
import {
  MAX_PLAYLIST_BYTES,
  parseMediaPlaylist,
  type TrackPlaylist,
} from '../media/hls/media-playlist.ts';
import { playlistInvalid, playlistUnsupported } from '../media/hls/playlist-errors.ts';
import type { AudioTrackChoice } from '../media/output-options.ts';
import type { Track } from './episodes.ts';
import { isMissing, readTextIfChanged } from './objects.ts';

/** What a track's playlists say. */
export interface TrackPlaylists {
  /** The picture, mostly with its sound; of a track without pictures, its sound. */
  picture: TrackPlaylist;
  /** The sound, where it has a playlist of its own. */
  sound?: TrackPlaylist;
  /** What was chosen from the master playlist; without one, the playlist itself. */
  rendition: Rendition;
  /** Of the playlists that had to be read: those that have not changed since cost nothing. */
  bytesRead: number;
}

/** A playlist as it is kept. Of a master playlist the text: each quality chooses anew from it. */
type Kept = { etag: string | undefined; sizeBytes: number } & (
  | { kind: 'master'; text: string }
  | { kind: 'media'; playlist: TrackPlaylist }
);

/** Playlists kept from call to call, by S3 key, the one used last at the end. */
const kept = new Map<string, Kept>();
const MAX_KEPT = 32;
/** Of all texts together: what is parsed from them takes a few times as much memory. */
const MAX_KEPT_BYTES = MAX_PLAYLIST_BYTES;

/**
 * Reads the playlists of a track, through a master playlist if the track has one. What has been read
 * before is asked for by its ETag, and neither sent nor parsed again unless it has changed.
 * @param quality which variant of a master playlist is wanted
 * @param audioTrack which audio track is wanted; absent: the one that players begin with
 * @throws PermanentError `PLAYLIST_NOT_FOUND`, `PLAYLIST_INVALID` or `PLAYLIST_UNSUPPORTED`
 */
export async function fetchPlaylist(
  track: Track,
  quality: Quality,
  signal: AbortSignal,
  audioTrack?: AudioTrackChoice,
): Promise<TrackPlaylists> {
  const first = await fetchOne(track.playlistKey, track.folder, signal);
  if (first.kind === 'media') {
    const { playlist, bytesRead } = first;
    const rendition = { pictureKey: track.playlistKey, trackInChunks: audioTrack };
    return { picture: playlist, rendition, bytesRead };
  }
  const rendition = chooseRendition(
    first.text,
    track.playlistKey,
    track.folder,
    quality,
    audioTrack,
  );
  const [picture, sound] = await Promise.all([
    fetchMedia(rendition.pictureKey, track.folder, signal),
    rendition.soundKey && fetchMedia(rendition.soundKey, track.folder, signal),
  ]);
  return {
    picture: picture.playlist,
    ...(sound && { sound: sound.playlist }),
    rendition,
    bytesRead: first.bytesRead + picture.bytesRead + (sound ? sound.bytesRead : 0),
  };
}

async function fetchMedia(key: string, folder: string, signal: AbortSignal) {
  const fetched = await fetchOne(key, folder, signal);
  if (fetched.kind === 'media') return fetched;
  throw playlistUnsupported(key, 'it is a master playlist, named by another one');
}

async function fetchOne(
  key: string,
  folder: string,
  signal: AbortSignal,
): Promise<Kept & { bytesRead: number }> {
  const known = kept.get(key);
  const read = await readUnless(known?.etag, key, signal);
  if (!read) {
    // It was asked for by the ETag of what is known.
    keep(key, known!);
    return { ...known!, bytesRead: 0 };
  }
  const { text, etag, sizeBytes } = read;
  const fetched: Kept = isMasterPlaylist(text)
    ? { kind: 'master', text, etag, sizeBytes }
    : { kind: 'media', playlist: parseMediaPlaylist(text, key, folder), etag, sizeBytes };
  keep(key, fetched);
  return { ...fetched, bytesRead: sizeBytes };
}

async function readUnless(etag: string | undefined, key: string, signal: AbortSignal) {
  try {
    return await readTextIfChanged(key, MAX_PLAYLIST_BYTES, signal, etag);
  } catch (error) {
    if (isMissing(error)) {
      throw new PermanentError(
        'PLAYLIST_NOT_FOUND',
        `The playlist ${key} is not in the bucket: upload it, or correct the episode item.`,
        { cause: error },
      );
    }
    if (error instanceof RangeError) throw playlistInvalid(key, 'it is larger than 16 MB', error);
    throw error;
  }
}

/** Puts a playlist at the end, and lets go of those used longest ago until the rest fits. */
function keep(key: string, playlist: Kept): void {
  kept.delete(key);
  kept.set(key, playlist);
  let sizeBytes = 0;
  for (const { sizeBytes: size } of kept.values()) sizeBytes += size;
  for (const [oldest, { sizeBytes: size }] of kept) {
    if (oldest === key || (kept.size <= MAX_KEPT && sizeBytes <= MAX_KEPT_BYTES)) break;
    kept.delete(oldest);
    sizeBytes -= size;
  }
}
