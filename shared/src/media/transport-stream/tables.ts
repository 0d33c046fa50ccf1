import { NotCopyableError } from '../not-copyable.ts';
import { PACKET_BYTES, SYNC_BYTE } from './packets.ts';

// The tables that say what is in a transport stream: ISO/IEC 13818-1, 2.4.4.

/** `stream_type` of H.264. */
const H264_STREAM = 0x1b;
/** `stream_type`s of other video: MPEG-1, MPEG-2, MPEG-4, SVC, MVC, HEVC, VVC. */
const OTHER_VIDEO_STREAMS = [0x01, 0x02, 0x10, 0x1f, 0x20, 0x24, 0x33];

/** PIDs of the streams we write. */
export const PROGRAM_MAP_PID = 0x1000;
export const VIDEO_PID = 0x100;

/** The table in a packet that begins one: from `table_id` to before the CRC. */
function sectionIn(packet: Buffer, payloadAt: number): Buffer {
  const at = payloadAt + 1 + (packet[payloadAt] ?? PACKET_BYTES);
  const bytes = at + 3 <= PACKET_BYTES ? packet.readUInt16BE(at + 1) & 0x0fff : PACKET_BYTES;
  if (bytes < 9 || at + 3 + bytes > PACKET_BYTES) {
    throw new NotCopyableError('a table of the transport stream is longer than a packet');
  }
  return packet.subarray(at, at + 3 + bytes - 4);
}

/** The PID of the first program's map. @param packet one that begins a program association table */
export function programMapPid(packet: Buffer, payloadAt: number): number | undefined {
  const section = sectionIn(packet, payloadAt);
  for (let at = 8; at + 4 <= section.length; at += 4) {
    if (section.readUInt16BE(at) !== 0) return section.readUInt16BE(at + 2) & 0x1fff;
  }
  return undefined;
}

/**
 * The PID of the program's first video stream.
 * @param packet one that begins a program map table
 * @throws NotCopyableError when that stream is not H.264
 */
export function videoPid(packet: Buffer, payloadAt: number): number | undefined {
  const section = sectionIn(packet, payloadAt);
  if (section.length < 12) return undefined;
  let at = 12 + (section.readUInt16BE(10) & 0x0fff);
  while (at + 5 <= section.length) {
    const type = section[at]!;
    if (type === H264_STREAM) return section.readUInt16BE(at + 1) & 0x1fff;
    if (OTHER_VIDEO_STREAMS.includes(type)) throw new NotCopyableError('the video is not H.264');
    at += 5 + (section.readUInt16BE(at + 3) & 0x0fff);
  }
  return undefined;
}

/** The two tables of a stream that holds nothing but H.264 video. */
export function tablePackets(continuity: number): Buffer {
  const [mapHigh, mapLow] = [0xe0 | (PROGRAM_MAP_PID >> 8), PROGRAM_MAP_PID & 0xff];
  const [videoHigh, videoLow] = [0xe0 | (VIDEO_PID >> 8), VIDEO_PID & 0xff];
  const associations = [0x00, 0xb0, 13, 0, 1, 0xc1, 0, 0, 0, 1, mapHigh, mapLow];
  const program = [0x02, 0xb0, 18, 0, 1, 0xc1, 0, 0, videoHigh, videoLow, 0xf0, 0];
  const stream = [H264_STREAM, videoHigh, videoLow, 0xf0, 0];
  return Buffer.concat([
    tablePacket(0, associations, continuity),
    tablePacket(PROGRAM_MAP_PID, [...program, ...stream], continuity),
  ]);
}

function tablePacket(pid: number, section: number[], continuity: number): Buffer {
  const packet = Buffer.alloc(PACKET_BYTES, 0xff);
  packet.set([SYNC_BYTE, 0x40 | (pid >> 8), pid & 0xff, 0x10 | (continuity & 0x0f), 0, ...section]);
  packet.writeUInt32BE(mpegCrc(section), 5 + section.length);
  return packet;
}

/** CRC-32/MPEG-2: not reflected and not inverted, unlike zlib's. */
function mpegCrc(bytes: readonly number[]): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  }
  return crc >>> 0;
}
