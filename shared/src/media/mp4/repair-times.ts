import type { AccessUnit } from '../source/media-index.ts';

// FFmpeg's muxer of fragmented MP4 writes too early a time for the first picture of a fragment that begins an open GOP:
// that of one of the leading pictures behind it, or of one before the fragment. The time that it should have is then the
// only one that nobody has.

/** So many pictures at most are shown before the key picture they follow. */
const MOST_LEADING = 16;
const ROUNDING_TICKS = 2;

/**
 * Gives the first picture of a fragment its time, where that is certain: all others are on a grid, and of all places
 * only one is left.
 * @param units of one fragment, in decoding order
 * @param decoded when they are decoded, and where that ends: in even steps, if none is missing
 */
export function repairFirstTime(units: readonly AccessUnit[], decoded: readonly number[]): void {
  const [first, ...others] = units;
  if (!first?.isKey || others.length === 0) return;
  const shown = others.map(({ pts }) => pts).sort((a, b) => a - b);
  const steps = shown.slice(1).map((pts, n) => ({ from: shown[n]!, ticks: pts - shown[n]! }));
  const frameTicks = steps.map(({ ticks }) => ticks).sort((a, b) => a - b)[steps.length >> 1];
  if (!frameTicks || frameTicks <= ROUNDING_TICKS) return;
  const isAbout = (ticks: number, frames: number) =>
    Math.abs(ticks - frames * frameTicks) <= ROUNDING_TICKS;
  // What the next fragment holds may be shown among the last of this one, but no sooner than it is decoded.
  const soonest = Math.min(...others.map(({ pts }, n) => pts - decoded[n + 1]!));
  const nextFrom = decoded.at(-1)! + soonest - ROUNDING_TICKS;
  const [hole, ...more] = steps.filter(
    ({ from, ticks }) => !isAbout(ticks, 1) && from + frameTicks < nextFrom,
  );
  if (!hole || more.length > 0 || !isAbout(hole.ticks, 2)) return;
  const pts = Math.round(hole.from + hole.ticks / 2);
  const isTaken = others.some((unit) => unit.pts === first.pts);
  const isComplete = decoded.slice(1).every((time, n) => isAbout(time - decoded[n]!, 1));
  if (!isTaken && !isComplete) return;
  const leading = others.filter((unit) => unit.pts < pts).length;
  const isBehind = others.slice(0, leading).every((unit) => unit.pts < pts);
  if (isBehind && leading > 0 && leading <= MOST_LEADING) first.pts = pts;
}
