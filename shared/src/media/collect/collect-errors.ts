import { PermanentError, TransientError } from '../../errors.ts';
import type { Chunk } from '../hls/media-playlist.ts';

/** A chunk is needed that is not there, and nothing was said of how to do without. */
export function chunkNotThere({ key, isGap }: Chunk): PermanentError {
  const where = isGap
    ? 'is marked as missing in the playlist (EXT-X-GAP)'
    : 'is in the playlist but not in the bucket';
  return new PermanentError(
    'CHUNK_NOT_FOUND',
    `The chunk ${key} ${where}: upload it and request the clip again, or ask for gaps: skip or black.`,
  );
}

export const isNotThere = (error: unknown): boolean =>
  error instanceof PermanentError && error.code === 'CHUNK_NOT_FOUND';

export const notYetAvailable = () =>
  new TransientError(
    'SEGMENT_NOT_YET_AVAILABLE',
    'The segment ends with the last chunk of an episode that still grows: its sound may lie in the next one. Ask again later.',
  );
