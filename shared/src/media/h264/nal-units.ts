// NAL units of an H.264 byte stream: ITU-T H.264, 7.3.1 and Annex B.

/** `nal_unit_type`s that we tell apart. */
export const NAL = {
  slice: 1,
  partitionA: 2,
  idrSlice: 5,
  sps: 7,
  pps: 8,
  delimiter: 9,
  subsetSps: 15,
  extensionSlice: 20,
} as const;

const START_CODE = Buffer.from([0, 0, 1]);

/** A NAL unit without its start code; a view into the byte stream. */
export interface NalUnit {
  type: number;
  bytes: Buffer;
}

/** Splits a byte stream at its start codes. The zeros around them belong to no unit. */
export function nalUnits(stream: Buffer): NalUnit[] {
  const units: NalUnit[] = [];
  let start = stream.indexOf(START_CODE);
  while (start !== -1) {
    const from = start + START_CODE.length;
    const next = stream.indexOf(START_CODE, from);
    let to = next === -1 ? stream.length : next;
    while (to > from && stream[to - 1] === 0) to--;
    if (to > from) units.push({ type: stream[from]! & 0x1f, bytes: stream.subarray(from, to) });
    start = next;
  }
  return units;
}

/** Puts a NAL unit into a byte stream, with the long start code that the first unit must have. */
export const withStartCode = (bytes: Buffer) => Buffer.concat([Buffer.alloc(1), START_CODE, bytes]);

/** Whether a byte stream begins with a NAL unit, not in the middle of one. */
export function beginsWithNalUnit(stream: Buffer): boolean {
  const start = stream.indexOf(START_CODE);
  return start !== -1 && stream.subarray(0, start).every((byte) => byte === 0);
}

/** Whether a slice is the first of its picture: `first_mb_in_slice` is 0, a single set bit. */
export const isFirstSlice = (slice: Buffer) => slice.length > 1 && (slice[1]! & 0x80) !== 0;
