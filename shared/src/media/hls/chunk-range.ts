import { PermanentError } from '../../errors.ts';
import { formatTime } from '../../time.ts';
import type { Chunk, TrackPlaylist } from './playlist.ts';

/** Chunks `first`…`last` of a track, both included, by their place in the playlist. */
export interface ChunkRange {
  first: number;
  last: number;
}

/**
 * A cut this close to the border of a chunk reads the neighbour, too. EXTINF is rounded, so the border may
 * lie elsewhere than the playlist says, and a decoder needs the AAC frame before the first one heard.
 */
const MARGIN_US = 100_000;

/** Callers round the end of an episode up: so much past the end is cut off rather than refused. */
const END_TOLERANCE_US = 1_000_000;

/**
 * The chunks that hold [startMs, endMs).
 * @throws PermanentError `SEGMENT_OUTSIDE_EPISODE`
 */
export function chunksOf(playlist: TrackPlaylist, startMs: number, endMs: number): ChunkRange {
  const startUs = startMs * 1000;
  const endUs = endMs * 1000;
  if (startUs >= playlist.durationUs || endUs > playlist.durationUs + END_TOLERANCE_US) {
    const end = formatTime(Math.round(playlist.durationUs / 1000));
    throw new PermanentError(
      'SEGMENT_OUTSIDE_EPISODE',
      `The segment ${formatTime(startMs)}–${formatTime(endMs)} lies past the end of the episode (${end}): ask for an earlier one.`,
    );
  }
  return {
    first: chunkAt(playlist.chunks, startUs - MARGIN_US),
    last: chunkAt(playlist.chunks, endUs + MARGIN_US - 1),
  };
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
