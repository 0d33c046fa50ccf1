import type { FrameRange } from './frames.ts';
import type { SeenFrame } from './pictures.ts';
import { distance, type Thumbnail } from './thumbnails.ts';

/** The frames of a clip, told by comparison with those of its source. */
export interface Recognised {
  /** `number` is the source's frame in the order shown, from 0. */
  readonly frames: SeenFrame[];
  /** Frames that look like another frame of the source, too, so that they prove little. */
  readonly undecided: number;
}

/** Frames this far from a wanted segment are looked at, too. */
const AROUND_FRAMES = 60;
/** A picture further away than this from all of the source is none of them. */
const STRANGE = 16;
/** What encoding does to a picture hides differences smaller than these: a share, and levels. */
const SHARE = 1.1;
const LEVELS = 0.1;

/** Finds for every frame of a clip the frame of the source that it is. */
export function recognise(
  clip: readonly Thumbnail[],
  source: readonly Thumbnail[],
  ranges: readonly FrameRange[],
): Recognised {
  const due = ranges.flatMap(({ first, last }) =>
    Array.from({ length: last - first + 1 }, (_, n) => first + n),
  );
  const near = source.flatMap((_, number) => (isNear(number, ranges) ? number : []));
  let undecided = 0;
  let previous = -1;
  const frames = clip.map((picture, n) => {
    const best = nearest(picture, source, near);
    if (best.distance > STRANGE) return { timeMs: picture.timeMs, number: undefined };
    const limit = best.distance * SHARE + LEVELS;
    const isLike = (number: number | undefined) =>
      source[number ?? -1] !== undefined && distance(picture, source[number!]!, limit) <= limit;
    // Of frames that look alike it is the one that is due, or else the one that comes next.
    const number = [due[n], previous + 1].find(isLike) ?? best.number;
    if (isLike(number - 1) || isLike(number + 1)) undecided++;
    previous = number;
    return { timeMs: picture.timeMs, number };
  });
  return { frames, undecided };
}

const isNear = (number: number, ranges: readonly FrameRange[]) =>
  ranges.some(
    ({ first, last }) => number >= first - AROUND_FRAMES && number <= last + AROUND_FRAMES,
  );

function nearest(
  picture: Thumbnail,
  source: readonly Thumbnail[],
  near: readonly number[],
): { number: number; distance: number } {
  let best = { number: -1, distance: Number.POSITIVE_INFINITY };
  for (const number of near) {
    const apart = distance(picture, source[number]!, Math.min(255, best.distance));
    if (apart < best.distance) best = { number, distance: apart };
  }
  return best;
}
