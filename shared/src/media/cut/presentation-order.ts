import { UnreadableMediaError } from '../not-copyable.ts';

// Pictures are stored in the order of decoding; B-frames are shown before pictures they are decoded after.

/**
 * The place of every picture in the order of showing.
 * @param pts presentation times in decoding order
 * @throws UnreadableMediaError when two pictures have the same time
 */
export function presentationRanks(pts: readonly number[]): number[] {
  const order = pts.map((_, picture) => picture).sort((a, b) => pts[a]! - pts[b]!);
  const ranks = new Array<number>(pts.length);
  order.forEach((picture, rank) => {
    if (rank > 0 && pts[picture] === pts[order[rank - 1]!]) {
      throw new UnreadableMediaError(
        'two frames have the same time',
        'package the episode again, with chunks that begin at key frames: between them, some packagers give frames the time of others',
      );
    }
    ranks[picture] = rank;
  });
  return ranks;
}

/** How many pictures at most are decoded before one that is shown earlier. */
export function reorderDelay(pts: readonly number[]): number {
  return presentationRanks(pts).reduce((delay, rank, n) => Math.max(delay, n - rank), 0);
}

/** A frame at 30 a second. */
const LONE_FRAME_TICKS = 3000;

/**
 * Decoding times: the n-th picture is decoded when the n-th is shown, less the delay that reordering needs.
 * So they rise as presentation times do, at whatever frame rate, and none is later than its picture.
 * @param pts presentation times in decoding order
 * @param loneFrameTicks what a frame is taken to last where there is only one
 */
export function decodeTimes(pts: readonly number[], loneFrameTicks = LONE_FRAME_TICKS): number[] {
  const shown = [...pts].sort((a, b) => a - b);
  const delay = reorderDelay(pts);
  const frameTicks = shown.length > 1 ? shown[1]! - shown[0]! : loneFrameTicks;
  return pts.map((_, n) => (n < delay ? shown[0]! - (delay - n) * frameTicks : shown[n - delay]!));
}
