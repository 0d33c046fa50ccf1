import { open } from 'node:fs/promises';
import { type AccessUnit, readAccessUnit } from '../transport-stream/access-units.ts';
import { CLOCK_HZ } from '../transport-stream/packets.ts';
import type { TimedUnit } from '../transport-stream/write-units.ts';
import { decodeTimes } from './presentation-order.ts';

/** Pictures of one file that follow each other in decoding order. */
export interface Piece {
  file: string;
  pid: number;
  units: readonly AccessUnit[];
  /** When each of them shall be shown, in ticks of 90 kHz; where the clock begins does not matter. */
  pts: readonly number[];
}

/** When the first picture of what we write is shown: late enough for decoding to begin before it. */
export const FIRST_PTS = 10 * CLOCK_HZ;

/** What a frame is taken to last in a clip of only one. */
const LONE_FRAME_TICKS = CLOCK_HZ / 30;

/**
 * Reads pieces one after the other as one video. Its clock begins at `FIRST_PTS`, and its decoding times fit
 * the whole.
 */
export async function* splice(pieces: readonly Piece[]): AsyncGenerator<TimedUnit> {
  const given = pieces.flatMap((piece) => piece.pts);
  const shift = FIRST_PTS - given.reduce((low, time) => Math.min(low, time));
  const pts = given.map((time) => time + shift);
  const dts = decodeTimes(pts, LONE_FRAME_TICKS);
  let n = 0;
  for (const { file, pid, units } of pieces) {
    const handle = await open(file, 'r');
    try {
      for (const unit of units) {
        const bytes = await readAccessUnit(handle, pid, unit);
        yield { bytes, pts: pts[n]!, dts: dts[n]!, isIdr: unit.isIdr };
        n++;
      }
    } finally {
      await handle.close();
    }
  }
}
