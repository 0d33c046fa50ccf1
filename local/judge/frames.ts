import { type FrameRate, frameAtMs, frameTimeMs } from '../sample/frame-rate.ts';
import type { SeenFrame } from './pictures.ts';
import type { PictureVerdict, SegmentVerdict } from './verdict.ts';

/** A piece of the episode that the clip shall hold: the half-open interval [startMs, endMs). */
export interface Segment {
  readonly startMs: number;
  readonly endMs: number;
}

/** The frames of a segment, first and last included. */
export interface FrameRange {
  readonly first: number;
  readonly last: number;
}

/** A frame that could be read, with the segment it was taken for. */
export interface PlacedFrame {
  readonly timeMs: number;
  readonly number: number;
  readonly segment: number;
}

/** Callers round times to milliseconds; a frame's time may lie as far from what they meant. */
const ROUNDING_MS = 1.5;
/** Frames further away from every segment than this belong to none. */
const STRAY_LIMIT_MS = 1000;

/** The frames due in [startMs, endMs), within the episode. */
export function framesIn(segment: Segment, rate: FrameRate, episodeFrameCount: number): FrameRange {
  // A rounding error of the division must not move a frame that lies right on the edge.
  const due = (timeMs: number) => Math.ceil(frameAtMs(timeMs - ROUNDING_MS, rate) - 1e-6);
  const first = Math.max(0, due(segment.startMs));
  return { first, last: Math.min(due(segment.endMs), episodeFrameCount) - 1 };
}

/**
 * Tells for every readable frame which segment it was taken for. Numbers alone cannot tell when
 * segments overlap or touch; the order in which they come does: forwards one stays in a segment,
 * a step backwards begins a later segment that starts near, or else is disorder.
 */
export function placeFrames(
  frames: readonly SeenFrame[],
  ranges: readonly FrameRange[],
  rate: FrameRate,
): PlacedFrame[] {
  const strayLimit = frameAtMs(STRAY_LIMIT_MS, rate);
  const placed: PlacedFrame[] = [];
  let current = 0;
  let previous = -1;
  for (const { timeMs, number } of frames) {
    if (number === undefined) continue;
    const stepBack = Math.min(Math.max(0, previous - number), strayLimit);
    const candidates = ranges
      .map(({ first, last }, segment) => ({
        segment,
        away: Math.max(first - number, number - last, 0),
      }))
      .filter(({ away }) => away <= strayLimit)
      .map(({ segment, away }) => ({
        segment,
        cost: away + (segment > current ? 0 : stepBack),
        turn: (segment - current + ranges.length) % ranges.length,
      }))
      .sort((a, b) => a.cost - b.cost || a.turn - b.turn);
    const best = candidates[0];
    if (!best) continue;
    placed.push({ timeMs, number, segment: best.segment });
    current = best.segment;
    previous = number;
  }
  return placed;
}

/** Compares, segment by segment, what came with what was wanted. */
export function judgeSegments(
  placed: readonly PlacedFrame[],
  ranges: readonly FrameRange[],
): SegmentVerdict[] {
  return ranges.map(({ first, last }, segment) => {
    const numbers = placed.filter((frame) => frame.segment === segment).map((f) => f.number);
    const gotFirst = numbers[0];
    const gotLast = numbers.at(-1);
    return {
      wantedFirst: first,
      wantedLast: last,
      gotFirst,
      gotLast,
      startErrorFrames: gotFirst === undefined ? undefined : gotFirst - first,
      endErrorFrames: gotLast === undefined ? undefined : gotLast - last,
    };
  });
}

/** Counts what is wrong with the pictures as a whole. */
export function judgePictures(
  frames: readonly SeenFrame[],
  placed: readonly PlacedFrame[],
  ranges: readonly FrameRange[],
  rate: FrameRate,
): PictureVerdict {
  const wanted = new Map<number, number>();
  for (const { first, last } of ranges) {
    for (let number = first; number <= last; number++) add(wanted, number);
  }
  const seen = new Map<number, number>();
  for (const { number } of frames) if (number !== undefined) add(seen, number);

  const verdict = { missing: 0, duplicated: 0, extra: 0, outOfOrder: 0 };
  for (const [number, times] of wanted) {
    verdict.missing += Math.max(0, times - (seen.get(number) ?? 0));
  }
  for (const [number, times] of seen) {
    const due = wanted.get(number);
    if (due === undefined) verdict.extra += times;
    else verdict.duplicated += Math.max(0, times - due);
  }
  for (let k = 1; k < placed.length; k++) {
    const [before, after] = [placed[k - 1]!, placed[k]!];
    const sameSegment = after.segment === before.segment;
    const backwards = sameSegment ? after.number < before.number : after.segment < before.segment;
    if (backwards) verdict.outOfOrder++;
  }
  return {
    ...verdict,
    frameCount: frames.length,
    wantedFrameCount: frameTotal(ranges),
    unreadable: frames.filter(({ number }) => number === undefined).length,
    firstFrameMs: frames[0]?.timeMs,
    maxSpacingErrorMs: maxSpacingErrorMs(frames, rate),
  };
}

/** How many frames the ranges hold together. */
export function frameTotal(ranges: readonly FrameRange[]): number {
  return ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0);
}

function maxSpacingErrorMs(frames: readonly SeenFrame[], rate: FrameRate): number {
  const frameMs = frameTimeMs(1, rate);
  let worst = 0;
  for (let k = 1; k < frames.length; k++) {
    worst = Math.max(worst, Math.abs(frames[k]!.timeMs - frames[k - 1]!.timeMs - frameMs));
  }
  return worst;
}

function add(counts: Map<number, number>, number: number): void {
  counts.set(number, (counts.get(number) ?? 0) + 1);
}
