import { type FrameRate, frameAtMs } from './frame-rate.ts';
import { hashUnit } from './hash.ts';

/**
 * How pictures depend on each other across key frames. `closed`: every key frame is an IDR picture.
 * `open`: only the first is; the others are recovery points, before which pictures are shown that
 * refer across them. `irregular`: IDR pictures at uneven distances, up to ten seconds.
 */
export type Gop = 'closed' | 'open' | 'irregular';

/** Distances of irregular key frames, in seconds. */
const SHORTEST_SECONDS = 0.2;
const LONGEST_SECONDS = 10;
const SALT = 9;

/** What {@link keyFramesOf} needs to know of an episode. */
export interface KeyFramePlan {
  readonly gop: Gop;
  readonly gopSeconds: number;
  readonly frameCount: number;
}

/** The numbers of an episode's key frames, the first being 0. */
export function keyFramesOf(plan: KeyFramePlan, rate: FrameRate): number[] {
  const keys: number[] = [];
  for (let frame = 0; frame < plan.frameCount; frame += distanceAfter(keys.length - 1)) {
    keys.push(frame);
  }
  return keys;

  function distanceAfter(key: number): number {
    const seconds = plan.gop === 'irregular' ? irregularSeconds(key) : plan.gopSeconds;
    return Math.max(1, Math.round(frameAtMs(seconds * 1000, rate)));
  }
}

/** Squared, short distances are as frequent as long ones; every fourth is nearly as long as can be. */
function irregularSeconds(key: number): number {
  const share = key % 4 === 1 ? 0.95 : hashUnit(key, SALT) ** 2;
  return SHORTEST_SECONDS + share * (LONGEST_SECONDS - SHORTEST_SECONDS);
}
