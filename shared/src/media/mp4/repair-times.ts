import type { AccessUnit } from '../source/media-index.ts';

// FFmpeg's muxer of fragmented MP4 writes a wrong time for the first picture of a fragment that begins an open GOP:
// that of one of the leading pictures behind it. The time that it should have is then the only one that nobody has.

/** So many pictures at most are shown before the key picture they follow. */
const MOST_LEADING = 16;
const ROUNDING_TICKS = 2;

/**
 * Gives the first picture of a fragment its time, where that is certain: all others are on a grid, and of all places
 * only one is left.
 * @param units of one fragment, in decoding order
 */
export function repairFirstTime(units: readonly AccessUnit[]): void {
  const [first, ...others] = units;
  if (!first?.isKey || !others.some(({ pts }) => pts === first.pts)) return;
  const shown = others.map(({ pts }) => pts).sort((a, b) => a - b);
  const steps = shown.slice(1).map((pts, n) => ({ from: shown[n]!, ticks: pts - shown[n]! }));
  const frameTicks = steps.map(({ ticks }) => ticks).sort((a, b) => a - b)[steps.length >> 1];
  if (!frameTicks || frameTicks <= ROUNDING_TICKS) return;
  const isAbout = (ticks: number, frames: number) =>
    Math.abs(ticks - frames * frameTicks) <= ROUNDING_TICKS;
  const [hole, ...more] = steps.filter(({ ticks }) => !isAbout(ticks, 1));
  if (!hole || more.length > 0 || !isAbout(hole.ticks, 2)) return;
  const pts = Math.round(hole.from + hole.ticks / 2);
  const leading = others.filter((unit) => unit.pts < pts).length;
  const isBehind = others.slice(0, leading).every((unit) => unit.pts < pts);
  if (isBehind && leading <= MOST_LEADING) first.pts = pts;
}
