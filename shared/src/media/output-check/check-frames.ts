import { isMedia, type MediaStretch, type Stretch, ticksOf } from '../cut/stretch.ts';
import { OutputCheckError } from '../output-check-error.ts';
import { partsOfWanted } from '../source/holds.ts';
import { timesOf } from '../source/source.ts';
import type { Wanted } from '../source/wanted.ts';

/** Containers round. */
const ROUNDING_TICKS = 2;

/**
 * Holds the frames of a segment against those that its source has in the moments asked for, whatever was planned.
 * @param times when frames are shown in the segment, ascending, in ticks
 * @param stretches what was asked for
 * @throws OutputCheckError when one is missing, there is one too many, or one is shown at another time
 */
export function checkFrames(times: readonly number[], stretches: readonly Stretch[]): void {
  let start = 0;
  for (const stretch of stretches) {
    const end = start + ticksOf(stretch);
    if (isMedia(stretch)) checkStretch(times, stretch, start);
    else if (inside(times, start, end).length === 0) throw wrong(0, 1);
    start = end;
  }
  // A frame that is shown where nothing was asked for.
  if ((times.at(-1) ?? 0) >= start) throw wrong(times.length, inside(times, 0, start).length);
}

function checkStretch(times: readonly number[], stretch: MediaStretch, start: number): void {
  const { source, wanted } = stretch;
  const { shown } = timesOf(source);
  const shift = start - wanted.firstPts;
  for (const part of partsOfWanted(wanted, shown)) {
    if ('frames' in part) {
      checkOwn(times, stretch, part.frames, shift);
      continue;
    }
    const { fromPts, toPts, count } = part.hold;
    const made = inside(times, fromPts + shift, toPts + shift);
    if (made.length !== count) throw wrong(made.length, count);
  }
}

/** @param frames a row of the source's own, with none held between them */
function checkOwn(
  times: readonly number[],
  { source }: MediaStretch,
  frames: Wanted,
  shift: number,
): void {
  const { firstPts, endPts } = frames;
  const due = timesOf(source)
    .shown.filter((pts) => pts >= firstPts && pts < endPts)
    .map((pts) => pts + shift);
  const made = inside(times, firstPts + shift, endPts + shift);
  // Of damaged frames, not all come out of a decoder: that is told elsewhere.
  if (isDamaged(source, endPts) && made.length > 0 && made.length < due.length) return;
  // Fields that become frames are two for each.
  const isHalved = made.length === 2 * due.length;
  if (made.length !== due.length && !isHalved) throw wrong(made.length, due.length);
  const isInTime = due.every(
    (time, n) => Math.abs(made[isHalved ? 2 * n : n]! - time) <= ROUNDING_TICKS,
  );
  if (!isInTime) throw new OutputCheckError('frames of the segment are not at their times');
}

const inside = (times: readonly number[], from: number, to: number): number[] =>
  times.filter((time) => time >= from - ROUNDING_TICKS && time < to - ROUNDING_TICKS);

/** Damage spreads to frames that are made of damaged ones, so what lies before counts, too. */
const isDamaged = ({ pictures }: MediaStretch['source'], endPts: number): boolean =>
  pictures !== undefined &&
  'track' in pictures &&
  pictures.track.units.some(({ isDamaged, pts }) => isDamaged && pts < endPts);

const wrong = (made: number, due: number) =>
  new OutputCheckError(`the segment holds ${made} frames where the source has ${due}`);
