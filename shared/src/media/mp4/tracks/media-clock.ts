import { NotCopyableError } from '../../not-copyable.ts';
import { CLOCK_HZ } from '../../transport-stream/clock.ts';
import type { TrackFragment } from '../fragments/fragments.ts';
import type { EditList } from './edit-list.ts';

type TrackTimes = EditList & { timescale: number };

/**
 * Puts the times of a fragment on the clock of 90 kHz. They are counted in the track's own units, which
 * may need all 64 bits (from 1970 at 10 MHz), and only rounded in the end.
 */
export class FragmentClock {
  readonly #timescale: number;
  readonly #seconds: number;
  /** What is left beside whole seconds, in units. */
  readonly #units: number;

  /** @param decodeTime of the fragment's first sample, in units */
  constructor(decodeTime: bigint, track: TrackTimes) {
    const scale = BigInt(track.timescale);
    const start = decodeTime + BigInt(track.emptyEdit) - BigInt(track.mediaTime);
    this.#timescale = track.timescale;
    this.#seconds = Number(start / scale);
    this.#units = Number(start % scale);
  }

  /** @param units after the fragment's decode time */
  ticks(units: number): number {
    const all = this.#units + units;
    const seconds = Math.floor(all / this.#timescale);
    const rest = all - seconds * this.#timescale;
    const whole = (this.#seconds + seconds) * CLOCK_HZ;
    const ticks = whole + Math.round((rest * CLOCK_HZ) / this.#timescale);
    if (!Number.isSafeInteger(ticks)) throw new NotCopyableError('the times are out of range');
    return ticks;
  }
}

/** Follows the decode time of a track from fragment to fragment. */
export class TrackClock {
  readonly #track: TrackTimes;
  #nextDecodeTime = 0n;

  constructor(track: TrackTimes) {
    this.#track = track;
  }

  /** The clock of the next fragment: its own, or where it says nothing, the running one. */
  next(fragment: Pick<TrackFragment, 'decodeTime' | 'duration'>): FragmentClock {
    const decodeTime = fragment.decodeTime ?? this.#nextDecodeTime;
    this.#nextDecodeTime = decodeTime + BigInt(fragment.duration);
    return new FragmentClock(decodeTime, this.#track);
  }
}
