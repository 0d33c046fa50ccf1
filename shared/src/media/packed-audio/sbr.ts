// Spectral band replication lies in a fill element behind the core's channels: ISO/IEC 14496-3, 4.4.2.1 and 4.4.2.7.

/** Of syntactic elements, with three bits each. */
const ELEMENT = { data: 4, fill: 6, end: 7 } as const;
/** `extension_type` of SBR, without and with a checksum. */
const SBR_TYPES = [13, 14];
/** It has no less. */
const LEAST_SBR_BYTES = 2;
/** A fill element has 269 bytes at most, and a few may follow it. */
const MOST_BITS = 8 * 300;

/**
 * Whether a frame of AAC, without its header, carries SBR. The core is not decoded: any place is tried from which
 * elements lead to the very end of the frame. Of a hundred frames without SBR, three may look like it. With more than
 * two channels, others may follow, and SBR is not found.
 */
export function hasSbr(frame: Buffer): boolean {
  const endBit = frame.length * 8;
  for (let at = Math.max(0, endBit - MOST_BITS); at < endBit; at++) {
    if (bitsAt(frame, at, 3) !== ELEMENT.fill) continue;
    const fill = fillAt(frame, at + 3);
    if (fill.next - fill.from < 8 * LEAST_SBR_BYTES) continue;
    if (!SBR_TYPES.includes(bitsAt(frame, fill.from, 4))) continue;
    if (isRestOfFrame(frame, fill.next)) return true;
  }
  return false;
}

function isRestOfFrame(frame: Buffer, from: number): boolean {
  const endBit = frame.length * 8;
  for (let at = from; at + 3 <= endBit; ) {
    const element = bitsAt(frame, at, 3);
    at += 3;
    if (element === ELEMENT.end) return endBit - at < 8 && bitsAt(frame, at, endBit - at) === 0;
    if (element === ELEMENT.fill) at = fillAt(frame, at).next;
    else if (element === ELEMENT.data) at = afterData(frame, at);
    else return false;
  }
  return false;
}

/** @param at behind the element's name */
function fillAt(frame: Buffer, at: number): { from: number; next: number } {
  const count = bitsAt(frame, at, 4);
  const isEscaped = count === 15;
  const from = at + (isEscaped ? 12 : 4);
  const bytes = isEscaped ? 14 + bitsAt(frame, at + 4, 8) : count;
  return { from, next: from + 8 * bytes };
}

function afterData(frame: Buffer, at: number): number {
  const isAligned = bitsAt(frame, at + 4, 1) === 1;
  const count = bitsAt(frame, at + 5, 8);
  const isEscaped = count === 255;
  const bytes = count + (isEscaped ? bitsAt(frame, at + 13, 8) : 0);
  const from = at + (isEscaped ? 21 : 13);
  return (isAligned ? 8 * Math.ceil(from / 8) : from) + 8 * bytes;
}

/** @param count up to 8; beyond the end there are zeros */
function bitsAt(bytes: Buffer, at: number, count: number): number {
  const byte = at >> 3;
  const word = ((bytes[byte] ?? 0) << 8) | (bytes[byte + 1] ?? 0);
  return (word >> (16 - (at & 7) - count)) & ((1 << count) - 1);
}
