import type { TickSpan } from './holds.ts';
import { HOLE_TICKS } from './wanted.ts';

// A recorder that loses frames and a slide that stays look alike: a frame is followed by none for seconds. What tells
// them apart is how frames come before and after. A camera's come at one rate, and few are lost; those of a recorded
// screen come when it changes.

/** So far around a step, frames tell what it is. */
const NEAR_TICKS = 10 * 90_000;
/** So many steps must be alike around a hole, and so many on each side of it. */
const LEAST_STEADY = 12;
const LEAST_BESIDE = 3;
/** Where frames are lost, B-frames fray the edges. */
const LEAST_STEADY_SHARE = 0.75;
/** Containers round, at worst to milliseconds. */
const ROUNDING_TICKS = 90;
/** A hole is longer than so many frames. */
const HOLE_FRAMES = 3;

/**
 * The times for which a source lacks frames that it should have: more than half a second, and more than three frames,
 * in the middle of frames that come at a constant rate. Stills of sources whose rate varies are none.
 * @param shown when frames are shown, ascending, in ticks
 * @returns each from where the frame before should end to the next one
 */
export function lostFrames(shown: readonly number[]): TickSpan[] {
  const steps = shown.slice(1).map((pts, n) => pts - shown[n]!);
  return steps.flatMap((ticks, n) => {
    if (ticks <= HOLE_TICKS) return [];
    const before = stepsUntil(steps.slice(0, n).reverse());
    const after = stepsUntil(steps.slice(n + 1));
    const usual = median([...before, ...after]);
    if (usual === undefined || !isLong(ticks, usual)) return [];
    const isLoss = isSteady(before, after, usual) && isRare([...before, ...after, ticks], usual);
    return isLoss ? [{ from: shown[n]! + usual, to: shown[n + 1]! }] : [];
  });
}

/** Those that begin near, the nearest first. */
function stepsUntil(steps: readonly number[]): number[] {
  let far = 0;
  const end = steps.findIndex((ticks) => {
    far += ticks;
    return far - ticks > NEAR_TICKS;
  });
  return end === -1 ? [...steps] : steps.slice(0, end);
}

const isLong = (ticks: number, usual: number) =>
  ticks - usual > Math.max(HOLE_TICKS, HOLE_FRAMES * usual);

const isAlike = (ticks: number, usual: number) =>
  Math.abs(ticks - usual) <= Math.max(ROUNDING_TICKS, usual / 10);

/** Whether frames come at a constant rate around a hole. */
function isSteady(before: readonly number[], after: readonly number[], usual: number): boolean {
  const alike = [before, after].map((steps) => {
    const end = steps.findIndex((ticks) => isLong(ticks, usual));
    return alikeIn(end === -1 ? steps : steps.slice(0, end), usual);
  });
  const short = [...before, ...after].filter((ticks) => !isLong(ticks, usual));
  const count = alikeIn(short, usual);
  return (
    alike.every((beside) => beside >= LEAST_BESIDE) &&
    count >= LEAST_STEADY &&
    count >= short.length * LEAST_STEADY_SHARE
  );
}

const alikeIn = (steps: readonly number[], usual: number) =>
  steps.filter((ticks) => isAlike(ticks, usual)).length;

/** What comes again and again, or takes most of the time, is meant to be so. */
function isRare(steps: readonly number[], usual: number): boolean {
  const long = steps.filter((ticks) => isLong(ticks, usual));
  const longTicks = sum(long);
  return longTicks * long.length <= sum(steps) - longTicks;
}

const sum = (steps: readonly number[]) => steps.reduce((all, ticks) => all + ticks, 0);

const median = (steps: readonly number[]): number | undefined =>
  [...steps].sort((a, b) => a - b)[steps.length >> 1];
