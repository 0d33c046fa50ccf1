import { PermanentError } from '../../errors.ts';
import { formatTime } from '../../time.ts';
import type { FrameIndex } from './frame-index.ts';

/** The pictures of a segment. Ticks are in the time base of the index they came from. */
export interface WantedFrames {
  firstPts: number;
  /** Where the last picture ends: after it, and not after the next one. */
  endPts: number;
  frameCount: number;
  /** From the first picture to the end of the last, in microseconds. */
  durationUs: number;
}

/**
 * Callers round times to milliseconds, so a frame counts as inside from 1.5 ms before the time asked for:
 * 00:00:00.033 means the frame at 33.367 ms of a 29.97 fps episode, and 33.334 the one at 33.333.
 */
const TOLERANCE_US = 1_500;

/**
 * The pictures whose time lies in [startMs, endMs) of the episode.
 * @param zeroPts presentation time of the episode's first picture, in ticks
 * @throws PermanentError `SEGMENT_EMPTY`
 */
export function wantedFrames(
  index: FrameIndex,
  zeroPts: number,
  startMs: number,
  endMs: number,
): WantedFrames {
  const ptsOf = (ms: number) => zeroPts + (ms * 1000 - TOLERANCE_US) / index.tickUs;
  const from = index.pts.findIndex((pts) => pts >= ptsOf(startMs));
  const firstAfter = index.pts.findIndex((pts) => pts >= ptsOf(endMs));
  const to = firstAfter === -1 ? index.pts.length : firstAfter;
  if (from === -1 || to <= from) {
    throw new PermanentError(
      'SEGMENT_EMPTY',
      `No picture begins between ${formatTime(startMs)} and ${formatTime(endMs)}: ask for at least one frame.`,
    );
  }
  const firstPts = index.pts[from]!;
  // The last picture is shown until the next one, but where that is far off, no longer than was asked for.
  const nextPts = index.pts[to] ?? index.pts[to - 1]! + lastFrameTicks(index.pts);
  const endPts = Math.min(nextPts, Math.round(ptsOf(endMs)) + usualFrameTicks(index.pts));
  assertNoHole(index, from, to);
  return {
    firstPts,
    endPts,
    frameCount: to - from,
    durationUs: Math.round((endPts - firstPts) * index.tickUs),
  };
}

/** Half of all pictures are shown no longer than this. */
function usualFrameTicks(pts: readonly number[]): number {
  const distances = pts.slice(1).map((time, n) => time - pts[n]!);
  return distances.sort((a, b) => a - b)[distances.length >> 1] ?? 1;
}

/** Nothing says how long the last picture of an episode is shown: as long as the one before. */
function lastFrameTicks(pts: readonly number[]): number {
  return pts.length > 1 ? pts.at(-1)! - pts.at(-2)! : 1;
}

/** A still picture may stay long, and a speaker may be off the picture; but both at once is a hole. */
const HOLE_US = 500_000;

/**
 * Chunks that were cut short leave a hole, which must not become a clip that jumps.
 * @throws PermanentError `CHUNK_UNDECODABLE`
 */
function assertNoHole({ pts, tickUs, audioStartsUs }: FrameIndex, from: number, to: number): void {
  for (let n = from + 1; n <= to && n < pts.length; n++) {
    const startUs = pts[n - 1]! * tickUs;
    const endUs = pts[n]! * tickUs;
    if (!audioStartsUs || endUs - startUs < HOLE_US) continue;
    const middleUs = (startUs + endUs) / 2;
    const isHeard = audioStartsUs.some((at) => Math.abs(at - middleUs) < HOLE_US / 4);
    if (isHeard) continue;
    throw new PermanentError(
      'CHUNK_UNDECODABLE',
      `The chunks of the segment lack ${((endUs - startUs) / 1e6).toFixed(1)} s of picture and sound: upload them again.`,
    );
  }
}

/**
 * Whether a file of chunks holds all that a segment needs, as far as its own clock tells: EXTINF is only
 * what the playlist says. `before`: an earlier chunk is needed, `after`: a later one.
 */
export function missingSide(
  index: FrameIndex,
  zeroPts: number,
  startMs: number,
  endMs: number,
): 'before' | 'after' | undefined {
  const startPts = zeroPts + (startMs * 1000 - TOLERANCE_US) / index.tickUs;
  const firstWanted = index.pts.find((pts) => pts >= startPts);
  // Before the first picture of a file there may be one more that is wanted, unless it is the episode's first.
  const isPictureLate = index.pts[0]! > Math.max(startPts, zeroPts);
  const isKeyLate = firstWanted !== undefined && firstWanted < index.firstKeyPts;
  if (isPictureLate || isKeyLate) return 'before';
  const endUs = zeroPts * index.tickUs + endMs * 1000 - TOLERANCE_US;
  const isPictureShort = index.pts.at(-1)! * index.tickUs < endUs;
  const isSoundShort = index.audioEndUs !== undefined && index.audioEndUs < endUs;
  return isPictureShort || isSoundShort ? 'after' : undefined;
}
