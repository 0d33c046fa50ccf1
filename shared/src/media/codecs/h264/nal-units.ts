// NAL units of an H.264 byte stream: ITU-T H.264, 7.3.1 and Annex B.

/** `nal_unit_type`s that we tell apart. */
export const NAL = {
  slice: 1,
  partitionA: 2,
  idrSlice: 5,
  supplement: 6,
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

/** Splits a byte stream into its NAL units. */
export const nalUnits = (stream: Buffer): NalUnit[] =>
  splitAtStartCodes(stream).map((bytes) => ({ type: nalType(bytes[0]!), bytes }));

/** @param header the first byte of a NAL unit */
export const nalType = (header: number) => header & 0x1f;

/** What lies between the start codes of a byte stream. The zeros around them belong to no unit. */
export function splitAtStartCodes(stream: Buffer): Buffer[] {
  const units: Buffer[] = [];
  let start = stream.indexOf(START_CODE);
  while (start !== -1) {
    const from = start + START_CODE.length;
    const next = stream.indexOf(START_CODE, from);
    let to = next === -1 ? stream.length : next;
    while (to > from && stream[to - 1] === 0) to--;
    if (to > from) units.push(stream.subarray(from, to));
    start = next;
  }
  return units;
}

/** Puts a NAL unit into a byte stream, with the long start code that the first unit must have. */
export const withStartCode = (bytes: Buffer) => Buffer.concat([Buffer.alloc(1), START_CODE, bytes]);

/** Whether a slice is the first of its picture: `first_mb_in_slice` is 0, a single set bit. */
export const isFirstSlice = (slice: Buffer) => slice.length > 1 && (slice[1]! & 0x80) !== 0;

/** Whether the first slice of a picture refers to no other: `slice_type` 2 or 7, behind the 0 of above. */
export const isIntraSlice = (firstSlice: Buffer) =>
  (firstSlice[1]! & 0x70) === 0x30 || (firstSlice[1]! & 0x7f) === 0x08;
