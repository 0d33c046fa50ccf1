import { PermanentError } from '../errors.ts';
import { formatTime } from '../time.ts';
import type { FrameIndex } from './frame-index.ts';

/** The pictures of a segment. Ticks are in the time base of the index they came from. */
export interface WantedFrames {
  firstPts: number;
  /** Presentation time of the first picture that is not wanted any more. */
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
  const endPts = index.pts[to] ?? index.pts[to - 1]! + lastFrameTicks(index.pts);
  return {
    firstPts,
    endPts,
    frameCount: to - from,
    durationUs: Math.round((endPts - firstPts) * index.tickUs),
  };
}

/** Nothing says how long the last picture of an episode is shown: as long as the one before. */
function lastFrameTicks(pts: readonly number[]): number {
  return pts.length > 1 ? pts.at(-1)! - pts.at(-2)! : 1;
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
