import { PACKET_BYTES, SYNC_BYTE, writeTimestamp } from './packets.ts';
import { tablePackets, VIDEO_PID } from './tables.ts';

/** A coded picture and when it is due, in ticks of 90 kHz. */
export interface TimedUnit {
  bytes: Buffer;
  pts: number;
  dts: number;
  isIdr: boolean;
}

/** FFmpeg 5.1 does not recognise a shorter transport stream. */
const MINIMUM_BYTES = 32 * 1024;

/** The clock reference runs ahead of decoding by this, the time a player has to fill its buffers. */
const PCR_LEAD_TICKS = 63_000;

/** Adaptation field with a clock reference: its length, its flags and the clock. */
const PCR_FIELD_BYTES = 8;
const PES_HEADER_BYTES = 19;
const TS_HEADER_BYTES = 4;

/**
 * Writes H.264 video as a transport stream: one access unit to a PES packet, the tables again before
 * every IDR picture.
 */
export async function* writeUnits(units: AsyncIterable<TimedUnit>): AsyncGenerator<Buffer> {
  let tables = 0;
  let continuity = 0;
  let written = 0;
  for await (const unit of units) {
    const video = packetsOf(unit, continuity);
    continuity += video.length / PACKET_BYTES;
    const isFirst = written === 0;
    const packets = unit.isIdr || isFirst ? Buffer.concat([tablePackets(tables++), video]) : video;
    written += packets.length;
    yield packets;
  }
  if (written < MINIMUM_BYTES) yield nullPackets(MINIMUM_BYTES - written);
}

function packetsOf(unit: TimedUnit, firstContinuity: number): Buffer {
  const { bytes } = unit;
  const inFirst = PACKET_BYTES - TS_HEADER_BYTES - PCR_FIELD_BYTES - PES_HEADER_BYTES;
  const inOther = PACKET_BYTES - TS_HEADER_BYTES;
  const count = 1 + Math.ceil(Math.max(0, bytes.length - inFirst) / inOther);
  const packets = Buffer.allocUnsafe(count * PACKET_BYTES);
  let from = 0;
  for (let n = 0; n < count; n++) {
    const at = n * PACKET_BYTES;
    const room = n === 0 ? inFirst : inOther;
    const payload = Math.min(room, bytes.length - from);
    const filling = room - payload;
    const start = n === 0 ? 0x40 : 0;
    const hasAdaptation = n === 0 || filling > 0;
    packets[at] = SYNC_BYTE;
    packets[at + 1] = start | (VIDEO_PID >> 8);
    packets[at + 2] = VIDEO_PID & 0xff;
    packets[at + 3] = (hasAdaptation ? 0x30 : 0x10) | ((firstContinuity + n) & 0x0f);
    let to = at + TS_HEADER_BYTES;
    if (n === 0) to = writeFirstHeaders(packets, to, unit, filling);
    else if (filling > 0) to = writeFilling(packets, to, filling);
    bytes.copy(packets, to, from, from + payload);
    from += payload;
  }
  return packets;
}

/** The adaptation field with the clock reference, and the PES header. @returns where they end */
function writeFirstHeaders(packets: Buffer, at: number, unit: TimedUnit, filling: number): number {
  packets[at] = PCR_FIELD_BYTES - 1 + filling;
  packets[at + 1] = unit.isIdr ? 0x50 : 0x10;
  const clock = Math.max(0, unit.dts - PCR_LEAD_TICKS);
  packets.writeUInt32BE(Math.floor(clock / 2) % 2 ** 32, at + 2);
  packets.writeUInt16BE(((clock & 1) << 15) | 0x7e00, at + 6);
  const pes = at + PCR_FIELD_BYTES + filling;
  packets.fill(0xff, at + PCR_FIELD_BYTES, pes);
  packets.set([0, 0, 1, 0xe0, 0, 0, 0x80, 0xc0, 10], pes);
  writeTimestamp(packets, pes + 9, unit.pts, 0x3);
  writeTimestamp(packets, pes + 14, unit.dts, 0x1);
  return pes + PES_HEADER_BYTES;
}

function writeFilling(packets: Buffer, at: number, bytes: number): number {
  packets[at] = bytes - 1;
  if (bytes > 1) packets[at + 1] = 0;
  packets.fill(0xff, at + 2, at + Math.max(2, bytes));
  return at + bytes;
}

function nullPackets(minimumBytes: number): Buffer {
  const packet = Buffer.alloc(PACKET_BYTES, 0xff);
  packet.set([SYNC_BYTE, 0x1f, 0xff, 0x10]);
  return Buffer.concat(Array(Math.ceil(minimumBytes / PACKET_BYTES)).fill(packet));
}
