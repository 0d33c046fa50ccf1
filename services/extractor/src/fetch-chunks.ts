import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PermanentError } from '#shared/errors';
import type { ChunkRange } from '#shared/media/hls/chunk-range';
import { MAX_PLAYLIST_BYTES, parsePlaylist, type TrackPlaylist } from '#shared/media/hls/playlist';
import type { Demuxer } from '#shared/media/source/frame-index';
import type { Track } from '#shared/storage/episodes';
import { appendObject, isMissing, readText } from '#shared/storage/objects';

/** Enough of a chunk to hold its first picture's header, whatever comes before it in the file. */
const FIRST_PICTURE_BYTES = 1024 * 1024;

/** Chunks on local disk, joined byte by byte: both MPEG-TS and fMP4 allow that. */
export interface FetchedChunks {
  file: string;
  demuxer: Demuxer;
  bytesRead: number;
}

/** @throws PermanentError `PLAYLIST_NOT_FOUND`, `PLAYLIST_INVALID` or `PLAYLIST_UNSUPPORTED` */
export async function fetchPlaylist(track: Track, signal: AbortSignal): Promise<TrackPlaylist> {
  try {
    const text = await readText(track.playlistKey, MAX_PLAYLIST_BYTES, signal);
    return parsePlaylist(text, track.playlistKey, track.folder);
  } catch (error) {
    if (isMissing(error)) {
      throw new PermanentError(
        'PLAYLIST_NOT_FOUND',
        `The playlist ${track.playlistKey} is not in the bucket: upload it, or correct the episode item.`,
        { cause: error },
      );
    }
    if (error instanceof RangeError) {
      throw new PermanentError('PLAYLIST_INVALID', `The playlist is too large: ${error.message}.`);
    }
    throw error;
  }
}

/** @throws PermanentError `CHUNK_NOT_FOUND`, naming the chunk */
export async function fetchChunks(
  playlist: TrackPlaylist,
  { first, last }: ChunkRange,
  folder: string,
  signal: AbortSignal,
): Promise<FetchedChunks> {
  const keys = playlist.chunks.slice(first, last + 1).map((chunk) => chunk.key);
  return fetchInto(join(folder, 'chunks'), playlist, keys, signal);
}

/** Only the beginning of the episode: where its clock starts. */
export async function fetchFirstPicture(
  playlist: TrackPlaylist,
  folder: string,
  signal: AbortSignal,
): Promise<FetchedChunks> {
  const range = `bytes=0-${FIRST_PICTURE_BYTES - 1}`;
  const file = join(folder, 'first-picture');
  return fetchInto(file, playlist, [playlist.chunks[0]!.key], signal, range);
}

async function fetchInto(
  file: string,
  playlist: TrackPlaylist,
  chunkKeys: readonly string[],
  signal: AbortSignal,
  range?: string,
): Promise<FetchedChunks> {
  await rm(file, { force: true });
  let bytesRead = 0;
  const append = async (key: string, part?: string) => {
    try {
      bytesRead += await appendObject(key, file, signal, part);
    } catch (error) {
      if (!isMissing(error)) throw error;
      throw new PermanentError(
        'CHUNK_NOT_FOUND',
        `The chunk ${key} is in the playlist but not in the bucket: upload it and request the clip again.`,
        { cause: error },
      );
    }
  };
  if (playlist.initKey) await append(playlist.initKey);
  for (const key of chunkKeys) await append(key, range);
  return { file, demuxer: playlist.container === 'fmp4' ? 'mov' : 'mpegts', bytesRead };
}
