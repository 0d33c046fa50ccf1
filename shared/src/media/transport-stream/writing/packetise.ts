import { wrapped } from '../clock.ts';
import { PACKET_BYTES, SYNC_BYTE, TS_HEADER_BYTES } from '../packets/packets.ts';

/** A PES packet, and how it shall lie in a transport stream. */
export interface PesPacket {
  pid: number;
  /** The counter of its first transport packet; only the last four bits count. */
  continuity: number;
  header: Buffer;
  bytes: Buffer;
  /** The clock reference that goes with it, in ticks of 90 kHz. */
  clock?: number;
  /** Whether to mark it as a place to begin at. */
  isKey?: boolean;
}

/** An adaptation field with a clock reference: its length, its flags and the clock. */
const CLOCK_FIELD_BYTES = 8;
/** One without: its length and its flags. */
const FLAGS_FIELD_BYTES = 2;
const RANDOM_ACCESS_FLAG = 0x40;
const CLOCK_FLAG = 0x10;

/** Spreads a PES packet over transport packets: ISO/IEC 13818-1, 2.4.3. */
export function packetise(pes: PesPacket): Buffer {
  const { pid, continuity, header, bytes } = pes;
  const room = PACKET_BYTES - TS_HEADER_BYTES;
  const field = fieldBytes(pes);
  const total = field + header.length + bytes.length;
  const packets = Buffer.allocUnsafe(Math.ceil(total / room) * PACKET_BYTES);
  let from = 0;
  for (let at = 0, n = continuity; at < packets.length; at += PACKET_BYTES, n++) {
    const isFirst = at === 0;
    const needed = isFirst ? field + header.length : 0;
    const payload = Math.min(room - needed, bytes.length - from);
    const filling = room - needed - payload;
    const hasField = filling > 0 || (isFirst && field > 0);
    packets[at] = SYNC_BYTE;
    packets[at + 1] = (isFirst ? 0x40 : 0) | (pid >> 8);
    packets[at + 2] = pid & 0xff;
    packets[at + 3] = (hasField ? 0x30 : 0x10) | (n & 0x0f);
    let to = at + TS_HEADER_BYTES;
    if (isFirst && field > 0) to = writeField(packets, to, pes, filling);
    else if (filling > 0) to = writeFilling(packets, to, filling);
    if (isFirst) to += header.copy(packets, to);
    bytes.copy(packets, to, from, from + payload);
    from += payload;
  }
  return packets;
}

/** How much of the first packet the adaptation field takes, without filling. */
function fieldBytes({ clock, isKey }: PesPacket): number {
  if (clock !== undefined) return CLOCK_FIELD_BYTES;
  return isKey ? FLAGS_FIELD_BYTES : 0;
}

/** @returns where the field ends */
function writeField(packets: Buffer, at: number, pes: PesPacket, filling: number): number {
  const { clock, isKey } = pes;
  const bytes = fieldBytes(pes);
  packets[at] = bytes - 1 + filling;
  packets[at + 1] = (isKey ? RANDOM_ACCESS_FLAG : 0) | (clock === undefined ? 0 : CLOCK_FLAG);
  if (clock !== undefined) {
    // 33 bits of 90 kHz, six reserved ones, and nine of 27 MHz.
    const ticks = wrapped(clock);
    packets.writeUInt32BE(Math.floor(ticks / 2), at + 2);
    packets.writeUInt16BE(((ticks % 2) << 15) | 0x7e00, at + 6);
  }
  const end = at + bytes + filling;
  packets.fill(0xff, at + bytes, end);
  return end;
}

function writeFilling(packets: Buffer, at: number, bytes: number): number {
  packets[at] = bytes - 1;
  if (bytes > 1) packets[at + 1] = 0;
  packets.fill(0xff, at + 2, at + Math.max(2, bytes));
  return at + bytes;
}
