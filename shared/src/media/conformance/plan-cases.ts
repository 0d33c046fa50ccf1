import { hashUnit } from '#local/sample/hash';

/** Where the frames of an episode lie, as far as cutting it goes. Frames count from 0. */
export interface EpisodeShape {
  readonly frameCount: number;
  readonly framesPerSecond: number;
  readonly keyFrames: readonly number[];
  /** The first frame of each chunk. */
  readonly chunkStarts: readonly number[];
}

/** Where one of a segment's edges lies, on purpose. */
export const CUT_POINTS = [
  'key frame',
  'before a key frame',
  'after a key frame',
  'last frame of a chunk',
  'first frame of the episode',
  'last frame of the episode',
  'one frame alone',
] as const;
export type CutPoint = (typeof CUT_POINTS)[number];

/** How many segments the clips of the suite have. */
export const SEGMENT_COUNTS = [1, 2, 5, 50] as const;

/** Frames of the episode: first and end, which is not included. */
export type Frames = readonly [first: number, end: number];

/** One clip to be made. */
export interface ConformanceCase {
  readonly name: string;
  readonly segments: readonly Frames[];
}

const SHORTEST_SECONDS = 0.25;
const LONGEST_SECONDS = 6;
/** Of many segments in one clip. */
const LONGEST_OF_MANY_SECONDS = 0.6;

/**
 * All clips for one episode: for every number of segments as few clips as have all cut points among
 * their segments. The same shape and seed give the same cases.
 */
export function planCases(shape: EpisodeShape, seed: number): ConformanceCase[] {
  return SEGMENT_COUNTS.flatMap((count) => {
    const clips = Math.ceil(CUT_POINTS.length / count);
    return Array.from({ length: clips }, (_, n) => planCase(shape, count, n, seed));
  });
}

/**
 * The clip of `count` segments with the cut points from the `n`-th group on.
 * @param count how many segments it shall have
 */
export function planCase(
  shape: EpisodeShape,
  count: number,
  n: number,
  seed: number,
): ConformanceCase {
  const chance = dice(seed * 1009 + count * 31 + n);
  const points = Array.from(
    { length: count },
    (_, k) => CUT_POINTS[(n * count + k) % CUT_POINTS.length]!,
  );
  const longest =
    count > CUT_POINTS.length ? LONGEST_OF_MANY_SECONDS : LONGEST_SECONDS / count ** 0.5;
  const names = count > CUT_POINTS.length ? 'all cut points' : points.join(', ');
  return {
    name: `${count} segment${count > 1 ? 's' : ''}: ${names}`,
    segments: points.map((point) => planSegment(shape, point, longest, chance)),
  };
}

/** Numbers in [0, 1), the same ones for the same seed. */
type Dice = () => number;

function dice(seed: number): Dice {
  let rolls = 0;
  return () => hashUnit(rolls++, seed);
}

function planSegment(
  { frameCount, framesPerSecond, keyFrames, chunkStarts }: EpisodeShape,
  point: CutPoint,
  longestSeconds: number,
  chance: Dice,
): Frames {
  const pick = (from: readonly number[]) => from[Math.floor(chance() * from.length)]!;
  const seconds = SHORTEST_SECONDS + chance() * (longestSeconds - SHORTEST_SECONDS);
  const length = Math.ceil(seconds * framesPerSecond);
  const from = (first: number): Frames => [first, Math.min(frameCount, first + length)];
  const until = (end: number): Frames => [Math.max(0, end - length), end];
  const at = (frame: number) => (frame > 0 && chance() < 0.5 ? until(frame) : from(frame));
  const inside = keyFrames.filter((frame) => frame > 0 && frame < frameCount - 1);
  const chunkEnds = [...chunkStarts.slice(1), frameCount];
  switch (point) {
    case 'key frame':
      return at(pick(keyFrames));
    case 'before a key frame':
      return at(pick(inside) - 1);
    case 'after a key frame':
      return at(pick(inside) + 1);
    case 'last frame of a chunk':
      return chance() < 0.5 ? until(pick(chunkEnds)) : from(pick(chunkEnds) - 1);
    case 'first frame of the episode':
      return from(0);
    case 'last frame of the episode':
      return until(frameCount);
    case 'one frame alone': {
      const key = pick(inside);
      const first = pick([key - 1, key, key + 1, 0, frameCount - 1, pick(chunkEnds) - 1]);
      return [first, first + 1];
    }
  }
}
