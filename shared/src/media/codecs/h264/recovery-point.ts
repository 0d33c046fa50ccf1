import { BitReader } from './bit-reader.ts';

// Supplemental enhancement information (SEI) of H.264: ITU-T H.264, 7.3.2.3 and D.1.8.

const RECOVERY_POINT = 6;

/**
 * After how many frames all is whole when decoding begins at a picture: `recovery_frame_cnt`.
 * @param unit the NAL unit of type 6 that comes with the picture
 * @returns nothing when it does not say so
 */
export function recoveryFrames(unit: Buffer): number | undefined {
  const payload = payloadIn(unit, RECOVERY_POINT);
  return payload && firstNumber(payload);
}

/** The first message of a kind in a NAL unit of type 6. */
export function payloadIn(unit: Buffer, kind: number): Buffer | undefined {
  let at = 1;
  /** A number as so many bytes of 255 and a last one. */
  const number = () => {
    let value = 0;
    while (unit[at] === 0xff) value += unit[at++]!;
    return value + (unit[at++] ?? 0);
  };
  while (at + 2 < unit.length) {
    const type = number();
    const bytes = number();
    if (type === kind) return unit.subarray(at, at + bytes);
    at += bytes;
  }
  return undefined;
}

function firstNumber(payload: Buffer): number | undefined {
  try {
    // The reader skips the header of a NAL unit.
    return new BitReader(Buffer.concat([Buffer.alloc(1), payload])).unsigned();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
