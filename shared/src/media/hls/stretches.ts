import { chunksOf } from './chunk-range.ts';
import type { TrackPlaylist } from './media-playlist.ts';

/** Part of a segment. Its times are the episode's, in microseconds of the playlist's own durations. */
export type Stretch =
  | {
      /** Media that can be read as one stream: chunks `first`…`last` of one run, both included. */
      kind: 'media';
      /** Index into the playlist's runs. */
      run: number;
      first: number;
      last: number;
      startUs: number;
      /** Of the last stretch, where the segment ends: media may run a little longer than listed. */
      endUs: number;
    }
  | {
      /** A chunk that is not there. */
      kind: 'gap';
      chunk: number;
      startUs: number;
      endUs: number;
    };

/**
 * Splits a segment [startMs, endMs) at the borders of runs and around missing chunks, so that each
 * stretch can be cut by itself. Together they cover the segment without overlapping.
 * @param missing chunks that were not found, besides those that the playlist itself calls missing
 * @throws PermanentError `SEGMENT_OUTSIDE_EPISODE`, or TransientError `SEGMENT_NOT_YET_AVAILABLE` while the
 *   playlist still grows
 */
export function planStretches(
  playlist: TrackPlaylist,
  startMs: number,
  endMs: number,
  missing: ReadonlySet<number>,
): Stretch[] {
  const range = chunksOf(playlist, startMs, endMs);
  const stretches: Stretch[] = [];
  for (const chunk of playlist.chunks.slice(range.first, range.last + 1)) {
    const startUs = Math.max(chunk.startUs, startMs * 1000);
    const endUs = Math.min(chunk.startUs + chunk.durationUs, endMs * 1000);
    const last = stretches.at(-1);
    if (chunk.isGap || missing.has(chunk.index)) {
      stretches.push({ kind: 'gap', chunk: chunk.index, startUs, endUs });
    } else if (last?.kind === 'media' && last.run === chunk.run) {
      last.last = chunk.index;
      last.endUs = endUs;
    } else {
      const { index, run } = chunk;
      stretches.push({ kind: 'media', run, first: index, last: index, startUs, endUs });
    }
  }
  const last = stretches.at(-1);
  if (last?.kind === 'media') last.endUs = endMs * 1000;
  return stretches;
}
