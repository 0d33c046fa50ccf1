import { sbrLeadTicks } from '../packed-audio/frame-format.ts';
import type { MediaIndex } from './media-index.ts';

/** When the sound of a source is due. */
export interface SoundTimes {
  /** Where the packets begin, ascending. */
  starts: readonly number[];
  endPts: number;
  /** How much of it a decoder needs before the first that counts; absent: a frame. */
  leadTicks?: number;
}

/** When the pictures and the sound of a source are due, in ticks of 90 kHz on its own clock. */
export interface Timeline {
  /** Of all pictures, ascending; empty where there is only sound. */
  shown: readonly number[];
  /** Of the first picture that decodes on its own. */
  firstKeyPts: number;
  sound?: SoundTimes;
}

/** What an index of ours says about time. */
export function timelineOf({ pictures, sound }: MediaIndex): Timeline {
  const units = pictures?.units ?? [];
  return {
    shown: units.map(({ pts }) => pts).sort((a, b) => a - b),
    firstKeyPts: units.find(({ isKey }) => isKey)?.pts ?? Number.POSITIVE_INFINITY,
    ...(sound
      ? {
          sound: {
            starts: sound.packets.map(({ pts }) => pts),
            endPts: sound.endPts,
            leadTicks: sbrLeadTicks(sound.packets[0]?.format),
          },
        }
      : {}),
  };
}

/** MPEG-TS counts time in 33 bits: after 26.5 hours it begins again. */
const WRAP_TICKS = 2 ** 33;

/**
 * How many ticks to add to `pts` for it to be near `expected`: chunks that were read on their own may lie
 * on another turn of the clock.
 */
export function turnsBetween(pts: number, expected: number): number {
  return Math.round((expected - pts) / WRAP_TICKS) * WRAP_TICKS;
}
