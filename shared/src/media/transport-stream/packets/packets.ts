// Packets of an MPEG transport stream: ISO/IEC 13818-1, 2.4.3.

export const PACKET_BYTES = 188;
export const SYNC_BYTE = 0x47;
export const TS_HEADER_BYTES = 4;

/** The fields of a packet's header that we use. */
export interface PacketHeader {
  pid: number;
  /** Whether a PES packet or a table begins here. */
  isStart: boolean;
  /** Whether the packet is marked as damaged or as scrambled. */
  isUnreadable: boolean;
  /** Whether it is marked as damaged. */
  isError: boolean;
  continuity: number;
  /** Whether the continuity counter is announced to jump here. */
  isDiscontinuity: boolean;
  /** Whether decoding is announced to be able to begin here. */
  isRandomAccess: boolean;
  /** Where the payload begins in the buffer; the packet's end where there is none. */
  payloadAt: number;
}

/** The stream that the packet at `at` belongs to: all that is needed to pass over it. */
export const readPid = (buffer: Buffer, at: number): number =>
  ((buffer[at + 1]! & 0x1f) << 8) | buffer[at + 2]!;

/** Reads the header of the packet that begins at `at`, which must lie whole in the buffer. */
export function readPacketHeader(buffer: Buffer, at: number): PacketHeader {
  const flags = buffer[at + 3]!;
  const hasAdaptation = (flags & 0x20) !== 0;
  const adaptationBytes = hasAdaptation ? 1 + buffer[at + 4]! : 0;
  const marks = adaptationBytes > 1 ? buffer[at + 5]! : 0;
  const end = at + PACKET_BYTES;
  return {
    pid: readPid(buffer, at),
    isStart: (buffer[at + 1]! & 0x40) !== 0,
    isUnreadable: (buffer[at + 1]! & 0x80) !== 0 || (flags & 0xc0) !== 0,
    isError: (buffer[at + 1]! & 0x80) !== 0,
    continuity: flags & 0x0f,
    isDiscontinuity: (marks & 0x80) !== 0,
    isRandomAccess: (marks & 0x40) !== 0,
    payloadAt: flags & 0x10 ? Math.min(at + TS_HEADER_BYTES + adaptationBytes, end) : end,
  };
}
