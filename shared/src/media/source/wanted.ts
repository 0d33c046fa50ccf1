import { PermanentError } from '../../errors.ts';
import type { Hold } from './holds.ts';
import type { Timeline } from './timeline.ts';

/** What a stretch of a segment is made of, in ticks of 90 kHz on the source's clock. */
export interface Wanted {
  /** When the first picture is shown; without pictures, when the sound begins. */
  firstPts: number;
  /** Where the last picture ends: after it, and not after the next one. */
  endPts: number;
  /** 0 where there is only sound. */
  frameCount: number;
  /** Where the source has no frames, ascending. */
  holds?: readonly Hold[];
}

/** The moments asked for, in ticks on the source's clock, half-open; infinite: as far as the source reaches. */
export interface Moments {
  from: number;
  to: number;
}

const TICKS_PER_MS = 90;

/**
 * Callers round times to milliseconds, so a frame counts as inside from 1.5 ms before the time asked for:
 * 00:00:00.033 means the frame at 33.367 ms of a 29.97 fps episode, and 33.334 the one at 33.333.
 */
export const TOLERANCE_TICKS = 1.5 * TICKS_PER_MS;

/**
 * The pictures whose time lies in the moments asked for; of a source without pictures, the sound.
 * @throws PermanentError `SEGMENT_EMPTY` or, where the chunks have a hole, `CHUNK_UNDECODABLE`
 */
export function wantedOf(timeline: Timeline, moments: Moments): Wanted {
  return timeline.shown.length > 0 || !timeline.sound
    ? wantedFrames(timeline, moments)
    : wantedSound(timeline.sound, moments);
}

function wantedFrames(timeline: Timeline, moments: Moments): Wanted {
  const { shown } = timeline;
  // What precedes the first key picture cannot be decoded; it is asked for only where a chunk is missing.
  const from = shown.findIndex((pts) => pts >= Math.max(begin(moments), decodableFrom(timeline)));
  const firstAfter = shown.findIndex((pts) => pts >= end(moments));
  const to = firstAfter === -1 ? shown.length : firstAfter;
  if (from === -1 || to <= from) throw empty('No picture begins');
  const firstPts = shown[from]!;
  const endPts = endOfPictures(shown, moments);
  assertNoHole(timeline, from, to);
  return { firstPts, endPts, frameCount: to - from };
}

/** The last picture is shown until the next one, but where that is far off, no longer than was asked for. */
function endOfPictures(shown: readonly number[], moments: Moments): number {
  const nextPts = shown.find((pts) => pts >= end(moments)) ?? shown.at(-1)! + lastFrameTicks(shown);
  return Math.min(nextPts, Math.round(end(moments)) + usualFrameTicks(shown));
}

function wantedSound(sound: NonNullable<Timeline['sound']>, { from, to }: Moments): Wanted {
  const firstPts = Math.round(Math.max(from, sound.starts[0] ?? 0));
  const endPts = Math.round(Math.min(to, sound.endPts));
  if (endPts <= firstPts) throw empty('No sound is heard');
  return { firstPts, endPts, frameCount: 0 };
}

/** The frames that are asked for, by their place in the timeline: [from, to). Some may not be decodable. */
export function askedFrames({ shown }: Timeline, moments: Moments): { from: number; to: number } {
  const [from, to] = [begin(moments), end(moments)].map((least) => {
    const first = shown.findIndex((pts) => pts >= least);
    return first === -1 ? shown.length : first;
  });
  return { from: from!, to: to! };
}

const begin = ({ from }: Moments) => from - TOLERANCE_TICKS;
const end = ({ to }: Moments) => to - TOLERANCE_TICKS;

/** Nothing before can be decoded. */
export const decodableFrom = ({ shown, firstKeyPts }: Timeline) =>
  Number.isFinite(firstKeyPts) ? firstKeyPts : shown[0]!;

function empty(what: string): PermanentError {
  return new PermanentError(
    'SEGMENT_EMPTY',
    `${what} in the moments asked for: ask for at least one frame.`,
  );
}

/** Half of all pictures are shown no longer than this. */
export function usualFrameTicks(shown: readonly number[]): number {
  const distances = shown.slice(1).map((time, n) => time - shown[n]!);
  return distances.sort((a, b) => a - b)[distances.length >> 1] ?? 1;
}

/** How long a frame is shown that has none beside it. */
export const DEFAULT_FRAME_TICKS = 3000;

/** Nothing says how long the last picture of an episode is shown: as long as the one before. */
function lastFrameTicks(shown: readonly number[]): number {
  return shown.length > 1 ? shown.at(-1)! - shown.at(-2)! : DEFAULT_FRAME_TICKS;
}

/** A still picture may stay long, and a speaker may be off the picture; but both at once is a hole. */
export const HOLE_TICKS = 500 * TICKS_PER_MS;

/**
 * Chunks that were cut short leave a hole, which must not become a clip that jumps.
 * @throws PermanentError `CHUNK_UNDECODABLE`
 */
function assertNoHole({ shown, sound }: Timeline, from: number, to: number): void {
  for (let n = from + 1; n <= to && n < shown.length; n++) {
    const [start, end] = [shown[n - 1]!, shown[n]!];
    if (!sound || end - start < HOLE_TICKS) continue;
    const middle = (start + end) / 2;
    const isHeard = sound.starts.some((at) => Math.abs(at - middle) < HOLE_TICKS / 4);
    if (isHeard) continue;
    throw new PermanentError(
      'CHUNK_UNDECODABLE',
      `The chunks of the segment lack ${((end - start) / 90_000).toFixed(1)} s of picture and sound: upload them again.`,
    );
  }
}

/** What else a segment needs of its neighbouring chunks: EXTINF is only what the playlist says. */
export interface Needs {
  picture?: 'before' | 'after';
  sound: readonly ('before' | 'after')[];
}

/** An AAC decoder needs the frame before the first one heard; two of 1024 samples at 32 kHz are 64 ms. */
const SOUND_LEAD_TICKS = 64 * TICKS_PER_MS;
/** Containers round. So little at the end of a fade is not heard; a millisecond is. */
const SOUND_ROUNDING_TICKS = 9;

/**
 * As far as the source's own clock tells.
 * @param zero when the episode begins, on that clock
 * @param exhausted where neighbours have no frames either
 */
export function needsOf(
  timeline: Timeline,
  moments: Moments,
  zero: number,
  exhausted: ReadonlySet<'before' | 'after'> = new Set(),
): Needs {
  const { shown, sound } = timeline;
  const needs: Needs = { sound: [] };
  if (shown.length > 0) needs.picture = pictureNeed(timeline, moments, zero, exhausted);
  if (!sound) return needs;
  const firstPts = shown.find((pts) => pts >= begin(moments)) ?? moments.from;
  const leadTicks = sound.leadTicks ?? SOUND_LEAD_TICKS;
  const startsLate = (sound.starts[0] ?? zero) > Math.max(firstPts - leadTicks, zero);
  const endPts = shown.length > 0 ? endOfPictures(shown, moments) : end(moments);
  const endsEarly = sound.endPts < endPts - SOUND_ROUNDING_TICKS;
  return {
    ...needs,
    sound: [...(startsLate ? ['before' as const] : []), ...(endsEarly ? ['after' as const] : [])],
  };
}

function pictureNeed(
  { shown, firstKeyPts }: Timeline,
  moments: Moments,
  zero: number,
  exhausted: ReadonlySet<'before' | 'after'>,
): Needs['picture'] {
  const firstWanted = shown.find((pts) => pts >= begin(moments));
  // Before the first picture of a source there may be one more that is wanted, unless it is the episode's first.
  const isPictureLate = shown[0]! - usualFrameTicks(shown) >= Math.max(begin(moments), zero);
  const isKeyLate = firstWanted !== undefined && firstWanted < firstKeyPts;
  if ((isPictureLate || isKeyLate) && !exhausted.has('before')) return 'before';
  const isShort = shown.at(-1)! + usualFrameTicks(shown) < end(moments);
  return isShort && !exhausted.has('after') ? 'after' : undefined;
}
