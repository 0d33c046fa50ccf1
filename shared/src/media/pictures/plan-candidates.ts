import type { MovieTrack } from '../mp4/movie/read-movie.ts';

/** The clip is looked at in thirds: a thumbnail comes from each. */
export const THIRDS = 3;
/** So many pictures of each third are looked at. */
const CANDIDATES_PER_THIRD = 8;
/** From so many key pictures of each third there is enough to choose from. */
const ENOUGH_KEYS_PER_THIRD = 4;

/** Which pictures of a clip are looked at. */
export interface CandidatePlan {
  /**
   * Whether only key pictures are decoded, which takes an hour's clip no longer than a minute's. A clip that
   * has few of them is short, or was encoded as a whole: there every picture is decoded.
   */
  areKeys: boolean;
  /** When they are shown, ascending, in seconds from the clip's first picture. */
  atSeconds: readonly number[];
}

/** Chooses candidates from all over the clip. @param pictures the clip's track of pictures */
export function planCandidates(pictures: MovieTrack): CandidatePlan {
  const shown = [...pictures.samples].sort((a, b) => a.pts - b.pts);
  const secondsOf = ({ pts }: { pts: number }) => (pts - pictures.startsAt) / pictures.timescale;
  const thirdOf = thirdWithin(lengthSeconds(pictures));
  const inThirds = (samples: typeof shown) =>
    Array.from({ length: THIRDS }, (_, third) =>
      samples.map(secondsOf).filter((at) => thirdOf(at) === third),
    );
  const keys = inThirds(shown.filter(({ isSync }) => isSync));
  const areKeys = keys.every(({ length }) => length >= ENOUGH_KEYS_PER_THIRD);
  return { areKeys, atSeconds: (areKeys ? keys : inThirds(shown)).flatMap(spread) };
}

/** From the first picture to the end of the last one. */
export function lengthSeconds({ samples, startsAt, timescale }: MovieTrack): number {
  const ends = samples.map(({ pts, duration }) => pts + duration);
  return (ends.reduce((end, time) => Math.max(end, time), 0) - startsAt) / timescale;
}

/** Tells the third, from 0, of a clip of that length that a time lies in. */
export const thirdWithin = (length: number) => (time: number) =>
  Math.min(THIRDS - 1, Math.max(0, Math.floor((THIRDS * time) / length)));

/** As many as are looked at, evenly spread: each from the middle of its part, not from a cut. */
function spread(times: readonly number[]): number[] {
  const count = Math.min(CANDIDATES_PER_THIRD, times.length);
  return Array.from(
    { length: count },
    (_, n) => times[Math.floor(((n + 0.5) * times.length) / count)]!,
  );
}
