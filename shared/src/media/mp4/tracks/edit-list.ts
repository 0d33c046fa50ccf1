import { NotCopyableError } from '../../not-copyable.ts';
import { readVersion } from '../boxes.ts';

/** What the edit list does to the times of a track, in its own units: ISO/IEC 14496-12, 8.6.6. */
export interface EditList {
  /** Nothing is shown for so long at first. */
  emptyEdit: number;
  /** This time of the samples is where showing begins. */
  mediaTime: number;
  /** For so long it is shown; 0: to its end. */
  shown: number;
}

const RATE_1 = 0x10000;

/** @throws NotCopyableError when it does more than to move the whole track */
export function readEditList(
  body: Buffer | undefined,
  movieTimescale: number,
  timescale: number,
): EditList {
  const list: EditList = { emptyEdit: 0, mediaTime: 0, shown: 0 };
  if (!body) return list;
  const isLong = readVersion(body) === 1;
  const entryBytes = isLong ? 20 : 12;
  const count = body.readUInt32BE(4);
  for (let n = 0; n < count; n++) {
    const at = 8 + n * entryBytes;
    const duration = isLong ? Number(body.readBigUInt64BE(at)) : body.readUInt32BE(at);
    const mediaTime = isLong ? Number(body.readBigInt64BE(at + 8)) : body.readInt32BE(at + 4);
    const isLast = n === count - 1;
    if (mediaTime === -1 && !isLast && movieTimescale > 0) {
      list.emptyEdit += Math.round((duration * timescale) / movieTimescale);
    } else if (mediaTime >= 0 && isLast && body.readUInt32BE(at + entryBytes - 4) === RATE_1) {
      list.mediaTime = mediaTime;
      if (movieTimescale > 0) list.shown = Math.round((duration * timescale) / movieTimescale);
    } else {
      throw new NotCopyableError('the edit list shows more than one stretch of a track');
    }
  }
  return list;
}
