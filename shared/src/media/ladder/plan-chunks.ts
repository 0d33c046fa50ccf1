import type { MovieTrack } from '../mp4/movie/read-movie.ts';

/** Chunks are at least this long, as far as the clip is: players ask for each of them. */
const LEAST_CHUNK_SECONDS = 4;
/** In a chunk that is longer, because the clip has no key picture before, renditions have some more. */
const MOST_SECONDS_BETWEEN_KEYS = 6;

/** Where a clip is parted into HLS chunks, in seconds from its first picture; all rungs of a ladder alike. */
export interface ChunkPlan {
  /** Where each begins, ascending; the first is 0. */
  startsSeconds: readonly number[];
  /** Where the last one ends. */
  endSeconds: number;
}

/**
 * Parts a clip at its own key pictures: its own rung is copied, so that the others have to follow.
 * @param tracks of the clip
 */
export function planChunks(tracks: readonly MovieTrack[]): ChunkPlan {
  const leading = leadingTrack(tracks);
  const { timescale, startsAt, samples } = leading;
  const secondsOf = (pts: number) => (pts - startsAt) / timescale;
  const startsSeconds = [0];
  for (const { isSync, pts } of samples) {
    const at = secondsOf(pts);
    if (isSync && at - startsSeconds.at(-1)! >= LEAST_CHUNK_SECONDS) startsSeconds.push(at);
  }
  const ends = samples.map(({ pts, duration }) => secondsOf(pts + duration));
  return { startsSeconds, endSeconds: ends.reduce((end, at) => Math.max(end, at), 0) };
}

/** The track that says where chunks may begin: the pictures, or the sound where there are none. */
export function leadingTrack(tracks: readonly MovieTrack[]): MovieTrack {
  return tracks.find(({ kind }) => kind === 'video') ?? tracks[0]!;
}

/** Where a rendition needs key pictures, in seconds: where chunks begin, and often enough to seek. */
export function keyPictures({ startsSeconds, endSeconds }: ChunkPlan): number[] {
  return startsSeconds.flatMap((start, n) => {
    const length = (startsSeconds[n + 1] ?? endSeconds) - start;
    const parts = Math.max(1, Math.ceil(length / MOST_SECONDS_BETWEEN_KEYS));
    return Array.from({ length: parts }, (_, part) => start + (part * length) / parts);
  });
}
