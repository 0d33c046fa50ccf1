import { splitAtStartCodes } from '../h264/nal-units.ts';

// NAL units of an HEVC byte stream: ITU-T H.265, 7.3.1 and table 7-1.

/** `nal_unit_type`s that we tell apart. */
export const HEVC_NAL = {
  /** Shown before the key picture they follow, and to be skipped when decoding begins there. */
  raslN: 8,
  raslR: 9,
  brokenLinkWithRasl: 16,
  brokenLinkWithRadl: 17,
  brokenLink: 18,
  idrWithRadl: 19,
  idr: 20,
  cleanRandomAccess: 21,
  lastSlice: 31,
  vps: 32,
  sps: 33,
  pps: 34,
} as const;

/** `nal_unit_type` and `nuh_layer_id`. */
export const HEVC_HEADER_BYTES = 2;

/** A NAL unit without its start code; a view into the byte stream. */
export interface HevcNalUnit {
  type: number;
  bytes: Buffer;
}

/** Splits a byte stream at its start codes. */
export const hevcNalUnits = (stream: Buffer): HevcNalUnit[] =>
  splitAtStartCodes(stream).map((bytes) => ({ type: hevcNalType(bytes[0]!), bytes }));

/** @param header the first byte of a NAL unit */
export const hevcNalType = (header: number) => (header >> 1) & 0x3f;

/** 0 for the pictures themselves; others add to them: other views, finer detail. */
export const hevcLayerId = (unit: Buffer) => ((unit[0]! & 1) << 5) | ((unit[1] ?? 0) >> 3);

export const isHevcSlice = (type: number) => type <= HEVC_NAL.lastSlice;

/** IDR, CRA and BLA: pictures that refer to no other. */
export const isHevcKey = (type: number) =>
  type >= HEVC_NAL.brokenLinkWithRasl && type <= HEVC_NAL.cleanRandomAccess;

export const isHevcIdr = (type: number) => type === HEVC_NAL.idr || type === HEVC_NAL.idrWithRadl;

export const isHevcSkippedLeading = (type: number) =>
  type === HEVC_NAL.raslN || type === HEVC_NAL.raslR;

/** Whether a slice is the first of its picture: `first_slice_segment_in_pic_flag`. */
export const isFirstHevcSlice = (slice: Buffer) =>
  slice.length > HEVC_HEADER_BYTES && (slice[HEVC_HEADER_BYTES]! & 0x80) !== 0;
