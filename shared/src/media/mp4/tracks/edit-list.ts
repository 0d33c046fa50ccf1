import { NotCopyableError } from '../../not-copyable.ts';
import { readVersion } from '../boxes.ts';

/** One entry of an edit list: ISO/IEC 14496-12, 8.6.6. */
export interface Edit {
  /** How long it is shown, in units of the movie; 0: to the end of the track. */
  duration: number;
  /** Where in the track it begins, in units of the track; absent: nothing is shown. */
  mediaTime?: number;
  /** Speed: 1 is the track's own. */
  rate: number;
}

const RATE_1 = 0x10000;

/** @param body of an `elst` box @throws RangeError when it is cut off */
export function readEdits(body: Buffer): Edit[] {
  const isLong = readVersion(body) === 1;
  const entryBytes = isLong ? 20 : 12;
  const edits: Edit[] = [];
  const count = body.readUInt32BE(4);
  for (let n = 0; n < count; n++) {
    const at = 8 + n * entryBytes;
    const mediaTime = isLong ? Number(body.readBigInt64BE(at + 8)) : body.readInt32BE(at + 4);
    edits.push({
      duration: isLong ? Number(body.readBigUInt64BE(at)) : body.readUInt32BE(at),
      ...(mediaTime === -1 ? {} : { mediaTime }),
      rate: body.readInt32BE(at + entryBytes - 4) / RATE_1,
    });
  }
  return edits;
}

/** Gives those entries of an `elst` box a duration that have none, in place. @param duration in units of the movie */
export function fillDurations(body: Buffer, duration: number): void {
  const isLong = readVersion(body) === 1;
  for (const [n, edit] of readEdits(body).entries()) {
    if (edit.duration > 0 || edit.mediaTime === undefined) continue;
    if (isLong) body.writeBigUInt64BE(BigInt(duration), 8 + n * 20);
    else body.writeUInt32BE(Math.min(duration, 0xffff_ffff), 8 + n * 12);
  }
}

/** What the edit list does to the times of a track, in its own units: ISO/IEC 14496-12, 8.6.6. */
export interface EditList {
  /** Nothing is shown for so long at first. */
  emptyEdit: number;
  /** This time of the samples is where showing begins. */
  mediaTime: number;
  /** For so long it is shown; 0: to its end. */
  shown: number;
}

/** @throws NotCopyableError when it does more than to move the whole track */
export function readEditList(
  body: Buffer | undefined,
  movieTimescale: number,
  timescale: number,
): EditList {
  const list: EditList = { emptyEdit: 0, mediaTime: 0, shown: 0 };
  const edits = body ? readEdits(body) : [];
  const inTrack = (duration: number) =>
    movieTimescale > 0 ? Math.round((duration * timescale) / movieTimescale) : 0;
  for (const [n, { duration, mediaTime, rate }] of edits.entries()) {
    const isLast = n === edits.length - 1;
    if (mediaTime === undefined && !isLast && movieTimescale > 0) {
      list.emptyEdit += inTrack(duration);
    } else if (mediaTime !== undefined && mediaTime >= 0 && isLast && rate === 1) {
      list.mediaTime = mediaTime;
      list.shown = inTrack(duration);
    } else {
      throw new NotCopyableError('the edit list shows more than one stretch of a track');
    }
  }
  return list;
}
