import { NotCopyableError } from '../not-copyable.ts';
import type { FileWindow } from '../source/file-window.ts';

// NAL units as they lie in MP4, each behind its length: ISO/IEC 14496-15, 4.3.2.

/** A NAL unit in a file. */
export interface NalPlace {
  /** The first byte of the unit, which tells its type. */
  header: number;
  /** [start, end), without the length. */
  start: number;
  end: number;
}

/** The NAL units of a sample. Only their headers are read. */
export async function* nalPlaces(
  window: FileWindow,
  sample: { start: number; end: number },
  lengthBytes: number,
): AsyncGenerator<NalPlace> {
  let at = sample.start;
  while (at + lengthBytes < sample.end) {
    const head = await window.bytes(at, lengthBytes + 1);
    if (head.length <= lengthBytes) throw damagedPicture();
    const start = at + lengthBytes;
    at = start + head.readUIntBE(0, lengthBytes);
    if (at > sample.end) throw damagedPicture();
    if (at > start) yield { header: head[lengthBytes]!, start, end: at };
  }
}

export const damagedPicture = () => new NotCopyableError('a picture is damaged');
