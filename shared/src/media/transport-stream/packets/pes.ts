import { readTimestamp, writeTimestamp } from '../clock.ts';

// The header of a PES packet, which holds one picture or some frames of sound: ISO/IEC 13818-1, 2.4.3.6.

/** The part of the header that is always there; the last of these bytes says how long the rest is. */
const FIXED_BYTES = 9;
/** `PES_packet_length` counts from here. */
const LENGTH_COUNTS_FROM = 6;
const TIMESTAMP_BYTES = 5;
const PTS_FLAG = 0x80;
const DTS_FLAG = 0x40;

/** As many bytes as fit behind a header with a PTS, when the header tells their number. */
export const MAX_PES_PAYLOAD_BYTES = 0xffff - (FIXED_BYTES - LENGTH_COUNTS_FROM) - TIMESTAMP_BYTES;

export interface PesHeader {
  /** Where the payload begins in the buffer. */
  payloadAt: number;
  /** In ticks, as they stand in the stream. The DTS is only there where it is another. */
  pts?: number;
  dts?: number;
  /** How many bytes of payload there are; video may leave that open. */
  payloadBytes?: number;
}

/**
 * Reads the header that begins at `at`.
 * @param end where the transport packet ends
 * @returns nothing when no header begins there, or it is longer than the packet
 */
export function readPesHeader(buffer: Buffer, at: number, end: number): PesHeader | undefined {
  if (at + FIXED_BYTES > end || buffer.readUIntBE(at, 3) !== 1) return undefined;
  const flags = buffer[at + 7]!;
  const optionalBytes = buffer[at + 8]!;
  const payloadAt = at + FIXED_BYTES + optionalBytes;
  const hasPts = (flags & PTS_FLAG) !== 0;
  const hasDts = hasPts && (flags & DTS_FLAG) !== 0;
  const neededBytes = (Number(hasPts) + Number(hasDts)) * TIMESTAMP_BYTES;
  if (payloadAt > end || optionalBytes < neededBytes) return undefined;
  const length = buffer.readUInt16BE(at + 4);
  const payloadBytes = length - (payloadAt - at - LENGTH_COUNTS_FROM);
  return {
    payloadAt,
    pts: hasPts ? readTimestamp(buffer, at + FIXED_BYTES) : undefined,
    dts: hasDts ? readTimestamp(buffer, at + FIXED_BYTES + TIMESTAMP_BYTES) : undefined,
    payloadBytes: length === 0 ? undefined : Math.max(0, payloadBytes),
  };
}

/**
 * Makes a header.
 * @param payloadBytes leave it out for video, where it may be open
 */
export function pesHeader(
  streamId: number,
  { pts, dts, payloadBytes }: Omit<PesHeader, 'payloadAt'>,
): Buffer {
  const times = [pts, dts].filter((time) => time !== undefined);
  const optionalBytes = times.length * TIMESTAMP_BYTES;
  const header = Buffer.alloc(FIXED_BYTES + optionalBytes);
  const length = payloadBytes === undefined ? 0 : header.length - LENGTH_COUNTS_FROM + payloadBytes;
  const flags = [0, PTS_FLAG, PTS_FLAG | DTS_FLAG][times.length]!;
  header.set([0, 0, 1, streamId, length >> 8, length & 0xff, 0x80, flags, optionalBytes]);
  times.forEach((ticks, n) => {
    writeTimestamp(header, FIXED_BYTES + n * TIMESTAMP_BYTES, ticks, timestampTag(times.length, n));
  });
  return header;
}

/** PTS alone: 2; PTS with DTS: 3 and 1. */
const timestampTag = (count: number, n: number) => (count === 1 ? 2 : n === 0 ? 3 : 1);
