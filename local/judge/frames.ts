import { type FrameRate, frameAtMs } from '../sample/frame-rate.ts';
import type { SeenFrame } from './pictures.ts';
import type { PlacedFrame } from './place-frames.ts';
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

/** Callers round times to milliseconds; a frame's time may lie as far from what they meant. */
const ROUNDING_MS = 1.5;
/** The frames due in [startMs, endMs), within the episode. */
export function framesIn(segment: Segment, rate: FrameRate, episodeFrameCount: number): FrameRange {
  // A rounding error of the division must not move a frame that lies right on the edge.
  const due = (timeMs: number) => Math.ceil(frameAtMs(timeMs - ROUNDING_MS, rate) - 1e-6);
  const first = Math.max(0, due(segment.startMs));
  return { first, last: Math.min(due(segment.endMs), episodeFrameCount) - 1 };
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

/**
 * Counts what is wrong with the pictures as a whole.
 * @param durationMs how long the frame with this number is to be shown
 */
export function judgePictures(
  frames: readonly SeenFrame[],
  placed: readonly PlacedFrame[],
  ranges: readonly FrameRange[],
  durationMs: (number: number | undefined) => number,
): PictureVerdict {
  const wanted = countOf(ranges.flatMap(({ first, last }) => run(first, last)));
  const seen = countOf(frames.flatMap(({ number }) => number ?? []));
  const verdict = { missing: 0, duplicated: 0, extra: 0, outOfOrder: 0 };
  for (const [number, times] of seen) if (!wanted.has(number)) verdict.extra += times;
  // Segment by segment: what one lacks and another has twice must not even out.
  ranges.forEach(({ first, last }, segment) => {
    const got = countOf(placed.flatMap((frame) => (frame.segment === segment ? frame.number : [])));
    verdict.missing += run(first, last).filter((number) => !got.has(number)).length;
    for (const [number, times] of got) {
      if (!wanted.has(number)) continue;
      verdict.duplicated += number < first || number > last ? times : times - 1;
    }
  });
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
    maxSpacingErrorMs: maxSpacingErrorMs(frames, durationMs),
  };
}

/** How many frames the ranges hold together. */
export function frameTotal(ranges: readonly FrameRange[]): number {
  return ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0);
}

function maxSpacingErrorMs(
  frames: readonly SeenFrame[],
  durationMs: (number: number | undefined) => number,
): number {
  let worst = 0;
  for (let k = 1; k < frames.length; k++) {
    const spacing = frames[k]!.timeMs - frames[k - 1]!.timeMs;
    worst = Math.max(worst, Math.abs(spacing - durationMs(frames[k - 1]!.number)));
  }
  return worst;
}

const run = (first: number, last: number) =>
  Array.from({ length: Math.max(0, last - first + 1) }, (_, n) => first + n);

function countOf(numbers: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const number of numbers) counts.set(number, (counts.get(number) ?? 0) + 1);
  return counts;
}
