import type { SegmentSound } from '../sound/plan-sound.ts';

/** One segment on local disk. */
export interface SegmentFiles {
  /** Absent where there is only sound. */
  videoFile?: string;
  sound?: SegmentSound;
  /** 0 where there is only sound. */
  frameCount: number;
  /** From the first frame to the end of the last, in ticks of 90 kHz. */
  durationTicks: number;
  /** Whether it goes on in the episode where the segment before it ends. */
  isContinuation: boolean;
}

/** Where every segment begins in the clip, in ticks; and behind them, where the clip ends. */
export function boundariesOf(segments: readonly SegmentFiles[]): number[] {
  const boundaries = [0];
  for (const { durationTicks } of segments) boundaries.push(boundaries.at(-1)! + durationTicks);
  return boundaries;
}
