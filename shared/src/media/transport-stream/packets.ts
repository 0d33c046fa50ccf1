// Packets of an MPEG transport stream: ISO/IEC 13818-1, 2.4.3.

export const PACKET_BYTES = 188;
export const SYNC_BYTE = 0x47;

/** Ticks per second of PTS and DTS. */
export const CLOCK_HZ = 90_000;

/** PTS and DTS have 33 bits: after 26.5 hours they begin again. */
const CLOCK_WRAP = 2 ** 33;

/** The fields of a packet's header that we use. */
export interface PacketHeader {
  pid: number;
  /** Whether a PES packet or a table begins here. */
  isStart: boolean;
  /** Whether the packet is marked as damaged or as scrambled. */
  isUnreadable: boolean;
  continuity: number;
  /** Whether the continuity counter is announced to jump here. */
  isDiscontinuity: boolean;
  /** Where the payload begins in the buffer; the packet's end where there is none. */
  payloadAt: number;
}

/** Reads the header of the packet that begins at `at`, which must lie whole in the buffer. */
export function readPacketHeader(buffer: Buffer, at: number): PacketHeader {
  const flags = buffer[at + 3]!;
  const hasAdaptation = (flags & 0x20) !== 0;
  const adaptationBytes = hasAdaptation ? 1 + buffer[at + 4]! : 0;
  const end = at + PACKET_BYTES;
  return {
    pid: ((buffer[at + 1]! & 0x1f) << 8) | buffer[at + 2]!,
    isStart: (buffer[at + 1]! & 0x40) !== 0,
    isUnreadable: (buffer[at + 1]! & 0x80) !== 0 || (flags & 0xc0) !== 0,
    continuity: flags & 0x0f,
    isDiscontinuity: adaptationBytes > 1 && (buffer[at + 5]! & 0x80) !== 0,
    payloadAt: flags & 0x10 ? Math.min(at + 4 + adaptationBytes, end) : end,
  };
}

/** Reads one of the five-byte time stamps of a PES header, in ticks. */
export function readTimestamp(buffer: Buffer, at: number): number {
  const high = (buffer[at]! >> 1) & 0x07;
  const middle = buffer.readUInt16BE(at + 1) >> 1;
  const low = buffer.readUInt16BE(at + 3) >> 1;
  return high * 2 ** 30 + middle * 2 ** 15 + low;
}

/** @param tag the four bits that tell which of the time stamps it is */
export function writeTimestamp(buffer: Buffer, at: number, ticks: number, tag: number): void {
  const value = ((ticks % CLOCK_WRAP) + CLOCK_WRAP) % CLOCK_WRAP;
  buffer[at] = (tag << 4) | (Math.floor(value / 2 ** 30) << 1) | 1;
  buffer.writeUInt16BE(((Math.floor(value / 2 ** 15) & 0x7fff) << 1) | 1, at + 1);
  buffer.writeUInt16BE(((value & 0x7fff) << 1) | 1, at + 3);
}

/** How far `later` is from `earlier` in ticks, across the wrap of the clock: the nearer way counts. */
export function ticksBetween(earlier: number, later: number): number {
  const difference = (((later - earlier) % CLOCK_WRAP) + CLOCK_WRAP) % CLOCK_WRAP;
  return difference >= CLOCK_WRAP / 2 ? difference - CLOCK_WRAP : difference;
}
