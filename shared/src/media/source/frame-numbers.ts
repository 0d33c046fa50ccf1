import type { Timeline } from './timeline.ts';
import type { Wanted } from './wanted.ts';

/** Frames per second that cameras and encoders use, as ticks of 90 kHz per frame. */
const USUAL_FRAME_TICKS = [
  ...[12, 12.5, 15, 24, 25, 30, 48, 50, 60, 100, 120].map((rate) => 90_000 / rate),
  ...[12_000, 15_000, 24_000, 30_000, 48_000, 60_000, 120_000].map(
    (rate) => (90_000 * 1001) / rate,
  ),
];

/** 24 and 23.976 frames per second differ by five times as much. */
const TOLERANCE = 0.0002;

/**
 * The numbers of the first and the last picture, counted from the begin of the episode. Only a whole row of
 * equal frames can be counted without looking at all of the episode.
 * @param zero when the episode begins, in ticks on the clock of the timeline
 * @returns `undefined` where the frame rate varies or is none of the usual ones
 */
export function frameNumbers(
  { shown }: Timeline,
  zero: number,
  { firstPts, frameCount }: Wanted,
): { firstFrame: number; lastFrame: number } | undefined {
  if (shown.length < 2 || frameCount === 0) return undefined;
  const average = (shown.at(-1)! - shown[0]!) / (shown.length - 1);
  const frameTicks = USUAL_FRAME_TICKS.find((ticks) => Math.abs(ticks / average - 1) < TOLERANCE);
  if (frameTicks === undefined) return undefined;
  const isRegular = shown.every(
    (pts, n) => Math.abs(pts - shown[0]! - n * frameTicks) < frameTicks / 4,
  );
  if (!isRegular) return undefined;
  const firstFrame = Math.round((firstPts - zero) / frameTicks);
  if (firstFrame < 0) return undefined;
  return { firstFrame, lastFrame: firstFrame + frameCount - 1 };
}
