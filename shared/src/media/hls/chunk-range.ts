import { PermanentError, TransientError } from '../../errors.ts';
import { formatTime } from '../../time.ts';
import type { Chunk, TrackPlaylist } from './media-playlist.ts';

/** Chunks `first`…`last` of a track, both included, by their place in the playlist. */
export interface ChunkRange {
  first: number;
  last: number;
}

/** Callers round the end of an episode up: so much past the end is cut off rather than refused. */
const END_TOLERANCE_US = 1_000_000;

/**
 * The chunks that overlap [startMs, endMs) by the playlist's own durations. EXTINF is rounded: where the
 * media's own clock shows that a neighbour is needed, the caller fetches it then.
 * @throws PermanentError `SEGMENT_OUTSIDE_EPISODE`, or TransientError `SEGMENT_NOT_YET_AVAILABLE` while the
 *   playlist still grows
 */
export function chunksOf(playlist: TrackPlaylist, startMs: number, endMs: number): ChunkRange {
  assertInside(playlist, startMs, endMs);
  return chunksBetween(playlist.chunks, startMs * 1000, endMs * 1000);
}

/** The chunks that overlap [startUs, endUs); the first or last one for times outside. Never of none. */
export function chunksBetween(
  chunks: readonly Chunk[],
  startUs: number,
  endUs: number,
): ChunkRange {
  const first = chunkAt(chunks, startUs);
  return { first, last: Math.max(first, chunkAt(chunks, endUs - 1)) };
}

function assertInside(playlist: TrackPlaylist, startMs: number, endMs: number): void {
  const startUs = startMs * 1000;
  const endUs = endMs * 1000;
  const { durationUs, isEnded } = playlist;
  const segment = `${formatTime(startMs)}–${formatTime(endMs)}`;
  const end = formatTime(Math.round(durationUs / 1000));
  if (!isEnded && endUs > durationUs) {
    throw new TransientError(
      'SEGMENT_NOT_YET_AVAILABLE',
      `The segment ${segment} is not there yet: the episode still grows and reaches ${end} so far. Ask again later.`,
    );
  }
  if (startUs >= durationUs || endUs > durationUs + END_TOLERANCE_US) {
    throw new PermanentError(
      'SEGMENT_OUTSIDE_EPISODE',
      `The segment ${segment} lies past the end of the episode (${end}): ask for an earlier one.`,
    );
  }
}

/** The chunk that plays at a time; the first or last one for times outside. Binary search. */
function chunkAt(chunks: readonly Chunk[], timeUs: number): number {
  let low = 0;
  let high = chunks.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (chunks[middle]!.startUs <= timeUs) low = middle;
    else high = middle - 1;
  }
  return low;
}
