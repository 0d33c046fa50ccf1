import { type FrameRate, frameAtMs } from '../sample/frame-rate.ts';
import type { FrameRange } from './frames.ts';
import type { SeenFrame } from './pictures.ts';

/** A frame that could be read, with the segment it was taken for. */
export interface PlacedFrame {
  readonly timeMs: number;
  readonly number: number;
  readonly segment: number;
}

/** Frames further away from every segment than this belong to none. */
const STRAY_LIMIT_MS = 1000;

type Numbered = SeenFrame & { readonly number: number };

/** Frame by frame: the cost of taking it for each segment, and the segment of the frame before. */
interface Step {
  readonly costs: readonly number[];
  readonly before: readonly number[];
}

/**
 * Tells for every readable frame which segment it was taken for. Numbers alone cannot tell when
 * segments overlap or touch, or ask for a frame twice; the order in which they come does. Of all
 * ways to walk through the segments the one is taken with the fewest frames lacking or too many.
 */
export function placeFrames(
  frames: readonly SeenFrame[],
  ranges: readonly FrameRange[],
  rate: FrameRate,
): PlacedFrame[] {
  const limit = frameAtMs(STRAY_LIMIT_MS, rate);
  const numbered = frames.filter(
    (frame): frame is Numbered =>
      frame.number !== undefined && ranges.some((range) => away(frame.number!, range) <= limit),
  );
  const steps = walk(numbered, ranges, limit);
  const segments = lightestPath(steps, (segment) => {
    const left = leaving(numbered.at(-1)!.number, ranges[segment]!, limit);
    return left + skipping(segment, ranges.length, ranges, limit);
  });
  return numbered.map(({ timeMs, number }, n) => ({ timeMs, number, segment: segments[n]! }));
}

function walk(numbered: readonly Numbered[], ranges: readonly FrameRange[], limit: number): Step[] {
  const steps: Step[] = [];
  numbered.forEach(({ number }, n) => {
    const costs: number[] = [];
    const before: number[] = [];
    ranges.forEach((range, segment) => {
      const off = away(number, range);
      const way =
        off > limit
          ? { cost: Number.POSITIVE_INFINITY, from: segment }
          : cheapestWay(numbered[n - 1]?.number, steps[n - 1], number, segment, ranges, limit);
      costs.push(way.cost + off);
      before.push(way.from);
    });
    steps.push({ costs, before });
  });
  return steps;
}

/** How a frame can have come to be in `segment`: by staying there, or from another one. */
function cheapestWay(
  previous: number | undefined,
  step: Step | undefined,
  number: number,
  segment: number,
  ranges: readonly FrameRange[],
  limit: number,
): { cost: number; from: number } {
  const entering = Math.min(limit, Math.abs(number - ranges[segment]!.first));
  if (previous === undefined || !step) {
    return { cost: entering + skipping(-1, segment, ranges, limit), from: segment };
  }
  const stride = number > previous ? number - previous - 1 : previous - number + 1;
  let best = { cost: step.costs[segment]! + Math.min(limit, stride), from: segment };
  step.costs.forEach((soFar, from) => {
    if (from === segment || soFar >= best.cost) return;
    const left = leaving(previous, ranges[from]!, limit);
    const jump = from < segment ? skipping(from, segment, ranges, limit) : limit;
    const cost = soFar + left + jump + entering;
    if (cost < best.cost) best = { cost, from };
  });
  return best;
}

function lightestPath(steps: readonly Step[], ending: (segment: number) => number): number[] {
  const totals = steps.at(-1)?.costs.map((cost, segment) => cost + ending(segment)) ?? [];
  let segment = totals.indexOf(Math.min(...totals));
  const path: number[] = [];
  for (const { before } of [...steps].reverse()) {
    path.push(segment);
    segment = before[segment]!;
  }
  return path.reverse();
}

const away = (number: number, { first, last }: FrameRange) =>
  Math.max(first - number, number - last, 0);

const leaving = (number: number, { last }: FrameRange, limit: number) =>
  Math.min(limit, Math.abs(last - number));

/** What the absence of the segments between two of them costs. */
function skipping(from: number, to: number, ranges: readonly FrameRange[], limit: number): number {
  return ranges
    .slice(from + 1, to)
    .reduce((sum, { first, last }) => sum + Math.min(limit, last - first + 1), 0);
}
