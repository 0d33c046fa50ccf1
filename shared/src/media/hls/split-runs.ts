import type { Run, TrackPlaylist } from './media-playlist.ts';

/**
 * The same playlist with EXT-X-DISCONTINUITY before these chunks, too. Where the runs begin in the episode stays as
 * the playlist's own durations have it.
 * @param before places of chunks in the playlist
 */
export function splitRuns(playlist: TrackPlaylist, before: readonly number[]): TrackPlaylist {
  const { chunks } = playlist;
  const runs = playlist.runs.flatMap((run): Run[] => {
    const inside = before.filter((chunk) => chunk > run.first && chunk <= run.last);
    const starts = [run.first, ...[...new Set(inside)].sort((a, b) => a - b)];
    return starts.map((first, n) => ({
      ...run,
      first,
      last: (starts[n + 1] ?? run.last + 1) - 1,
      startUs: first === run.first ? run.startUs : chunks[first]!.startUs,
      ...(first === run.first ? {} : { partOf: run.partOf ?? run.first }),
    }));
  });
  const runOf = new Map(runs.map(({ first }, n) => [first, n]));
  let run = 0;
  const moved = chunks.map((chunk) => {
    run = runOf.get(chunk.index) ?? run;
    return { ...chunk, run };
  });
  return { ...playlist, chunks: moved, runs };
}

/** Finer than this, rounding is not told from what an encoder is off. */
const GRAINS_US = [1_000_000, 100_000, 10_000];

/**
 * How far the durations of a playlist may be off because they are rounded, in microseconds for each chunk: half a
 * second in old playlists, which have whole seconds. The last chunk counts for nothing.
 */
export function roundingUs({ chunks }: Pick<TrackPlaylist, 'chunks'>): number {
  const listed = chunks.length > 1 ? chunks.slice(0, -1) : chunks;
  const grain = GRAINS_US.find((us) => listed.every(({ durationUs }) => durationUs % us === 0));
  return (grain ?? 1_000) / 2;
}
