import type { Timeline } from './timeline.ts';
import {
  DEFAULT_FRAME_TICKS,
  decodableFrom,
  HOLE_TICKS,
  type Moments,
  TOLERANCE_TICKS,
  usualFrameTicks,
  type Wanted,
  wantedOf,
} from './wanted.ts';

/** A stretch for which a source has no frames: the last one stays, or black stands in. Ticks on the source's clock. */
export interface Hold {
  fromPts: number;
  toPts: number;
  /** How many frames fill it, and how long each is shown. */
  count: number;
  frameTicks: number;
  /** The frame that stays; absent: none is to be had. */
  framePts?: number;
  /** Chunks are without frames; otherwise a still picture just stays long. */
  isLack: boolean;
}

/** [from, to) in ticks on the source's clock. */
export interface TickSpan {
  from: number;
  to: number;
}

/** What the timeline alone does not tell. */
export interface Expected {
  /** What was asked for; where that is infinite, what the playlist says. */
  listed: TickSpan;
  /** When chunks play that have no frames. */
  emptyChunks: readonly TickSpan[];
  /** Whether the episode has video, though the source may have none. */
  hasVideo: boolean;
}

/** However long nothing comes, no more frames than that are made for it. */
const MOST_FRAMES = 1500;

/**
 * What is wanted of a source, with frames that are held where it has none for more than half a second.
 * @throws PermanentError as `wantedOf`
 */
export function wantedWithHolds(timeline: Timeline, moments: Moments, expected: Expected): Wanted {
  const { shown, sound } = timeline;
  if (shown.length === 0 && !expected.hasVideo) return wantedOf(timeline, moments);
  const usual = frameDistance(shown);
  const asked = {
    from: Math.max(
      expected.listed.from,
      Number.isFinite(moments.from) ? -Infinity : heardFrom(sound),
    ),
    to: Math.min(expected.listed.to, sound?.endPts ?? (shown.at(-1) ?? 0) + usual),
  };
  const isEmptyFor = (hole: TickSpan) =>
    expected.emptyChunks.some((chunk) => overlap(chunk, hole) > HOLE_TICKS / 2);
  const isHole = (from: number, to: number) => to - from > usual + HOLE_TICKS;
  const least = decodableFrom(timeline);
  const inside = (pts: number) =>
    pts >= asked.from - TOLERANCE_TICKS && pts < moments.to - TOLERANCE_TICKS;
  const frames = shown.filter((pts) => inside(pts) && pts >= least);
  const before = shown.findLast((pts) => pts < asked.from - TOLERANCE_TICKS && pts >= least);
  const next = shown.find((pts) => pts >= moments.to - TOLERANCE_TICKS);
  const [first, last] = [frames[0], frames.at(-1)];
  if (first === undefined || last === undefined) {
    const hole = { from: before ?? Math.min(asked.from, asked.to), to: next ?? asked.to };
    const isLack = shown.length === 0 || isEmptyFor(hole);
    const isHeld = before === undefined ? isLack : isHole(hole.from, hole.to);
    if (!isHeld || asked.to - asked.from < 1) return wantedOf(timeline, moments);
    return wantedHolds([filled(asked, { before, usual, isLack })], []);
  }
  const holds: Hold[] = [];
  const isLate = isHole(asked.from, first) && !shown.some((pts) => inside(pts) && pts < least);
  const lead = { from: asked.from, to: first };
  if (isLate && (before !== undefined || isEmptyFor(lead))) {
    holds.push(leading(lead, { before, usual, isLack: isEmptyFor(lead) }));
  }
  for (let n = 1; n < frames.length; n++) {
    const hole = { from: frames[n - 1]!, to: frames[n]! };
    if (isHole(hole.from, hole.to) && isEmptyFor(hole) && isHeard(sound, hole)) {
      holds.push(following(hole, usual));
    }
  }
  const tail = { from: last, to: Math.min(asked.to, next ?? asked.to) };
  const isLacking = isHole(tail.from, tail.to) && isEmptyFor(tail);
  if (isLacking) holds.push(following(tail, usual, TOLERANCE_TICKS));
  // A slide may stay until the episode ends: as long as somebody speaks.
  const isStill = !isLacking && next === undefined && isHole(tail.from, tail.to);
  if (holds.length === 0 && !isStill) return wantedOf(timeline, moments);
  const held = wantedHolds(holds, frames);
  if (isLacking) return held;
  const end = isStill ? Math.round(tail.to) : wantedOf(timeline, moments).endPts;
  return { ...held, endPts: Math.max(held.endPts, end) };
}

type Filling = { before?: number; usual: number; isLack: boolean };

/** All of it, on the grid of the frame before. */
function filled({ from, to }: TickSpan, { before, usual, isLack }: Filling): Hold {
  const grid = before ?? from;
  const start = grid + Math.ceil((from - TOLERANCE_TICKS - grid) / usual) * usual;
  const end = Math.max(
    grid + Math.ceil((to - TOLERANCE_TICKS - grid) / usual) * usual,
    start + usual,
  );
  return holdOf(isLack ? { from: start, to: end } : { from, to }, { before, usual, isLack });
}

/** Up to a frame, on its grid. */
function leading({ from, to }: TickSpan, { before, usual, isLack }: Filling): Hold {
  const start = to - Math.floor((to - from + TOLERANCE_TICKS) / usual) * usual;
  return holdOf({ from: isLack ? start : from, to }, { before, usual, isLack });
}

/** From where a frame would end, on its grid. */
function following({ from, to }: TickSpan, usual: number, tolerance = usual / 2): Hold {
  const count = Math.ceil((to - tolerance - from) / usual);
  return holdOf(
    { from: from + usual, to: tolerance === TOLERANCE_TICKS ? from + count * usual : to },
    { before: from, usual, isLack: true },
  );
}

function holdOf({ from, to }: TickSpan, { before, usual, isLack }: Filling): Hold {
  const frameTicks = isLack ? Math.max(usual, (to - from) / MOST_FRAMES) : to - from;
  return {
    fromPts: Math.round(from),
    toPts: Math.round(to),
    count: Math.max(1, Math.round((to - from) / frameTicks)),
    frameTicks,
    ...(before === undefined ? {} : { framePts: before }),
    isLack,
  };
}

function wantedHolds(holds: readonly Hold[], frames: readonly number[]): Wanted {
  const [first] = [holds[0]?.fromPts ?? Infinity, frames[0] ?? Infinity].sort((a, b) => a - b);
  return {
    firstPts: first!,
    endPts: Math.max(holds.at(-1)?.toPts ?? 0, frames.at(-1) ?? 0),
    frameCount: frames.length + holds.reduce((sum, { count }) => sum + count, 0),
    holds,
  };
}

/** How far frames are apart where nothing is missing: exactly, for rows of them are made of it. */
function frameDistance(shown: readonly number[]): number {
  if (shown.length < 2) return DEFAULT_FRAME_TICKS;
  const usual = usualFrameTicks(shown);
  const plain = shown.slice(1).flatMap((pts, n) => {
    const distance = pts - shown[n]!;
    return Math.abs(distance - usual) <= usual / 10 ? [distance] : [];
  });
  return plain.reduce((sum, distance) => sum + distance, 0) / plain.length;
}

const heardFrom = (sound: Timeline['sound']) => sound?.starts[0] ?? Number.NEGATIVE_INFINITY;

const isHeard = (sound: Timeline['sound'], { from, to }: TickSpan) =>
  sound?.starts.some((at) => Math.abs(at - (from + to) / 2) < HOLE_TICKS / 4) ?? false;

const overlap = (a: TickSpan, b: TickSpan) => Math.min(a.to, b.to) - Math.max(a.from, b.from);

/** The frames of a source, and what is held between them, in the order they are shown. */
export type WantedPart = { frames: Wanted } | { hold: Hold };

/** @param shown all frames of the source, ascending */
export function partsOfWanted(wanted: Wanted, shown: readonly number[]): WantedPart[] {
  const parts: WantedPart[] = [];
  let from = wanted.firstPts;
  const take = (to: number) => {
    const frames = shown.filter((pts) => pts >= from && pts < to);
    if (frames.length === 0) return;
    parts.push({ frames: { firstPts: frames[0]!, endPts: to, frameCount: frames.length } });
  };
  for (const hold of wanted.holds ?? []) {
    take(hold.fromPts);
    parts.push({ hold });
    from = hold.toPts;
  }
  take(wanted.endPts);
  return parts;
}
