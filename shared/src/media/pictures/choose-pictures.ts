import type { PictureLook } from './measure-picture.ts';
import { THIRDS, thirdWithin } from './plan-candidates.ts';

/** A picture that may be chosen. */
export interface Candidate {
  /** When the clip shows it, from its first picture. */
  atSeconds: number;
  look: PictureLook;
}

/** The chosen ones, as places in the list of candidates. */
export interface ChosenPictures {
  poster: number;
  /** One for each third of the clip, in its order. */
  thumbnails: number[];
}

/** Darker is black, brighter is white: fades and flashes. */
const DARKEST = 24;
const BRIGHTEST = 232;
/** With less there is nothing to be seen: a plain colour, fog. */
const LEAST_CONTRAST = 10;
/** More contrast than this makes no picture better. */
const GOOD_CONTRAST = 48;
/** Of the sharpest candidates, what a picture needs to count as sharp: scenes differ in what there is to see. */
const SHARP_SHARE = 0.5;

/**
 * Chooses pictures that are worth looking at: neither black nor white nor plain, as sharp as the clip's others,
 * with some contrast. The best is the poster, the best of each third a thumbnail. The same candidates give the
 * same choice; of equals the first is taken. Where all are bad, the least bad are.
 * @param candidates at least one, in the clip's order
 */
export function choosePictures(
  candidates: readonly Candidate[],
  clipSeconds: number,
): ChosenPictures {
  const enough = SHARP_SHARE * sharpestOf(candidates.map(({ look }) => look));
  const scores = candidates.map(({ look }) => scoreOf(look, enough));
  const best = (places: readonly number[]) =>
    places.reduce((one, other) => (scores[other]! > scores[one]! ? other : one));
  const thirdOf = thirdWithin(clipSeconds);
  const thumbnails = Array.from({ length: THIRDS }, (_, third) => {
    const own = candidates.flatMap(({ atSeconds }, n) => (thirdOf(atSeconds) === third ? n : []));
    // A clip of a picture or two has none in some of its thirds.
    return own.length > 0 ? best(own) : nearest(candidates, ((third + 0.5) * clipSeconds) / THIRDS);
  });
  return { poster: best(candidates.map((_, n) => n)), thumbnails };
}

/** From 0 to 1 for what can be shown, below 0 for what should not. */
function scoreOf({ brightness, contrast, sharpness }: PictureLook, enough: number): number {
  const isBad = brightness < DARKEST || brightness > BRIGHTEST || contrast < LEAST_CONTRAST;
  const focus = enough === 0 ? 1 : Math.min(1, sharpness / enough);
  const exposure = 1 - Math.abs(brightness - 128) / 128;
  const depth = Math.min(1, contrast / GOOD_CONTRAST);
  // What is out of focus loses more than anything else can make good.
  const score = focus ** 2 * (0.5 + 0.25 * exposure + 0.25 * depth);
  return isBad ? score - 1 : score;
}

/** How sharp the sharpest are, but for the few that only flicker or are full of noise. */
function sharpestOf(looks: readonly PictureLook[]): number {
  const seen = looks.filter(({ contrast }) => contrast >= LEAST_CONTRAST);
  const ascending = seen.map(({ sharpness }) => sharpness).sort((a, b) => a - b);
  return ascending[Math.floor(0.8 * (ascending.length - 1))] ?? 0;
}

const nearest = (candidates: readonly Candidate[], seconds: number): number =>
  candidates.reduce((found, { atSeconds }, n) => {
    const isNearer =
      Math.abs(atSeconds - seconds) < Math.abs(candidates[found]!.atSeconds - seconds);
    return isNearer ? n : found;
  }, 0);
