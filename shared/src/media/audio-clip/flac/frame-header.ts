import type { StreamInfo } from './stream-info.ts';

// The header of a frame: RFC 9639, 9.1.

/** Sync code with the bit that is always 0, without the one that tells whether sizes vary. */
const SYNC = 0xfff8;
const SYNC_MASK = 0xfffe;
const FIXED_BYTES = 4;
export const MAX_HEADER_BYTES = 16;

/** Channels by their code; from 8 on there are two that are told by each other. */
const STEREO_CODES_END = 11;
/** By their code; undefined: reserved. 0 stands for what the stream info says. */
const BITS: readonly (number | undefined)[] = [0, 8, 12, undefined, 16, 20, 24, 32];

/**
 * Which sample a frame begins with.
 * @returns nothing when no frame of this stream begins there
 */
export function frameSampleAt(
  bytes: Buffer,
  at: number,
  { channels, bitsPerSample, frameSamples }: StreamInfo,
): number | undefined {
  if (at + MAX_HEADER_BYTES > bytes.length) return undefined;
  if ((bytes.readUInt16BE(at) & SYNC_MASK) !== SYNC) return undefined;
  const isVariable = (bytes[at + 1]! & 1) === 1;
  const [sizeCode, rateCode] = [bytes[at + 2]! >> 4, bytes[at + 2]! & 15];
  const channelCode = bytes[at + 3]! >> 4;
  const bits = BITS[(bytes[at + 3]! >> 1) & 7];
  const isReserved = sizeCode === 0 || rateCode === 15 || (bytes[at + 3]! & 1) === 1;
  if (isReserved || channelCode >= STEREO_CODES_END || bits === undefined) return undefined;
  if ((channelCode < 8 ? channelCode + 1 : 2) !== channels) return undefined;
  if (bits !== 0 && bits !== bitsPerSample) return undefined;

  const number = codedNumber(bytes, at + FIXED_BYTES);
  if (!number) return undefined;
  const sizeBytes = sizeCode === 6 ? 1 : sizeCode === 7 ? 2 : 0;
  const rateBytes = rateCode === 12 ? 1 : rateCode === 13 || rateCode === 14 ? 2 : 0;
  const checkAt = number.end + sizeBytes + rateBytes;
  if (crc8(bytes.subarray(at, checkAt)) !== bytes[checkAt]) return undefined;
  if (isVariable) return number.value;
  return frameSamples === undefined ? undefined : number.value * frameSamples;
}

/** A number of up to 36 bits, coded as UTF-8 codes characters. */
function codedNumber(bytes: Buffer, at: number): { value: number; end: number } | undefined {
  const first = bytes[at]!;
  const ones = Math.clz32(~(first << 24));
  if (ones === 0) return { value: first, end: at + 1 };
  if (ones === 1 || ones > 7) return undefined;
  let value = first & (0x7f >> ones);
  for (let n = 1; n < ones; n++) {
    const byte = bytes[at + n]!;
    if (byte >> 6 !== 2) return undefined;
    value = value * 64 + (byte & 63);
  }
  return { value, end: at + ones };
}

/** Polynomial x⁸ + x² + x + 1. */
function crc8(bytes: Buffer): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x80 ? ((crc << 1) ^ 0x07) & 0xff : crc << 1;
  }
  return crc;
}
