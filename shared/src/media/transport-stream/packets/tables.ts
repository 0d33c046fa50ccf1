import { UntidyStreamError } from '../../not-copyable.ts';
import type { StreamFormat, VideoCodec } from '../../source/media-index.ts';
import { DESCRIPTOR, fitDescriptors } from './descriptors.ts';
import { PACKET_BYTES, SYNC_BYTE, TS_HEADER_BYTES } from './packets.ts';
import { DISC, isDiscSound, VIDEO_STREAM_TYPE } from './stream-types.ts';

// The tables that say what is in a transport stream, as bytes: ISO/IEC 13818-1, 2.4.4.

/** `table_id`s. */
export const ASSOCIATION_TABLE = 0;
export const PROGRAM_MAP_TABLE = 2;

/** PIDs of the streams we write. */
export const PROGRAM_MAP_PID = 0x1000;
export const VIDEO_PID = 0x100;
export const SOUND_PID = 0x101;

const POINTER_BYTES = 1;
/** From `table_id` to `section_length`, which counts what follows. */
const SECTION_HEAD_BYTES = 3;
const CRC_BYTES = 4;
const STUFFING = 0xff;
/** A program map, to where its streams begin, and one of them without its descriptors. */
const MAP_BYTES = 12;
const MAP_ENTRY_BYTES = 5;

/**
 * The table in a packet that begins one: from `table_id` to before the CRC, and whether that is right.
 * @returns nothing when it is another table, or one that does not apply yet
 * @throws UntidyStreamError when a table spans packets, or shares one
 */
export function sectionIn(
  packet: Buffer,
  payloadAt: number,
  tableId: number,
): { bytes: Buffer; isSound: boolean } | undefined {
  const pointer = packet[payloadAt] ?? PACKET_BYTES;
  const at = payloadAt + POINTER_BYTES + pointer;
  const hasHead = at + SECTION_HEAD_BYTES <= PACKET_BYTES;
  const bytes = hasHead ? packet.readUInt16BE(at + 1) & 0x0fff : PACKET_BYTES;
  const end = at + SECTION_HEAD_BYTES + bytes;
  if (pointer > 0 || bytes < 9 || end > PACKET_BYTES) {
    throw new UntidyStreamError('a table is longer than a packet');
  }
  if (end < PACKET_BYTES && packet[end] !== STUFFING) {
    throw new UntidyStreamError('several tables share a packet');
  }
  if (packet[at] !== tableId) return undefined;
  const isOneOfMany = packet[at + 7]! > 0;
  if (isOneOfMany) throw new UntidyStreamError('a table has several sections');
  const isCurrent = (packet[at + 5]! & 1) === 1;
  if (!isCurrent) return undefined;
  const isSound = mpegCrc(packet.subarray(at, end)) === 0;
  return { bytes: packet.subarray(at, end - CRC_BYTES), isSound };
}

/** What is in a stream that we write. */
export interface WrittenStreams {
  /** A codec, or a `stream_type`. */
  video?: VideoCodec | number;
  sound?: StreamFormat;
}

/** The two tables of a stream. Descriptors that would not fit into a packet are left out. */
export function tablePackets({ video, sound }: WrittenStreams, continuity: number): Buffer {
  const clockPid = video ? VIDEO_PID : SOUND_PID;
  const entries = [
    ...(video ? mapEntry(videoType(video), VIDEO_PID, Buffer.alloc(0)) : []),
    ...(sound ? mapEntry(sound.streamType, SOUND_PID, soundDescriptors(sound, video)) : []),
  ];
  const associations = [0, 1, ...reservedAnd(PROGRAM_MAP_PID, 0xe0)];
  const program = sound && isDiscSound(sound.streamType) ? DISC_REGISTRATION : [];
  const map = [
    ...reservedAnd(clockPid, 0xe0),
    ...reservedAnd(program.length, 0xf0),
    ...program,
    ...entries,
  ];
  return Buffer.concat([
    tablePacket(0, ASSOCIATION_TABLE, associations, continuity),
    tablePacket(PROGRAM_MAP_PID, PROGRAM_MAP_TABLE, map, continuity),
  ]);
}

const videoType = (video: VideoCodec | number) =>
  typeof video === 'number' ? video : VIDEO_STREAM_TYPE[video];

/** Without it, nobody knows the types of sound that only discs have. */
const DISC_REGISTRATION = [DESCRIPTOR.registration, DISC.length, ...Buffer.from(DISC)];

function soundDescriptors(
  { streamType, descriptors }: StreamFormat,
  video: WrittenStreams['video'],
): Buffer {
  const registration = isDiscSound(streamType) ? DISC_REGISTRATION.length : 0;
  const headers = TS_HEADER_BYTES + POINTER_BYTES + MAP_BYTES + registration + CRC_BYTES;
  const entries = (video ? 2 : 1) * MAP_ENTRY_BYTES;
  return fitDescriptors(descriptors, PACKET_BYTES - headers - entries);
}

const mapEntry = (streamType: number, pid: number, descriptors: Buffer): number[] => [
  streamType,
  ...reservedAnd(pid, 0xe0),
  ...reservedAnd(descriptors.length, 0xf0),
  ...descriptors,
];

/** A number of 12 or 13 bits behind reserved ones. */
const reservedAnd = (value: number, reserved: number) => [reserved | (value >> 8), value & 0xff];

/** @param content what follows the head of the section, which is the same for both tables */
function tablePacket(
  pid: number,
  tableId: number,
  content: readonly number[],
  continuity: number,
): Buffer {
  const identity = [0, 1, 0xc1, 0, 0];
  const length = identity.length + content.length + CRC_BYTES;
  const section = [tableId, ...reservedAnd(length, 0xb0), ...identity, ...content];
  const packet = Buffer.alloc(PACKET_BYTES, 0xff);
  packet.set([SYNC_BYTE, 0x40 | (pid >> 8), pid & 0xff, 0x10 | (continuity & 0x0f), 0, ...section]);
  packet.writeUInt32BE(mpegCrc(section), TS_HEADER_BYTES + POINTER_BYTES + section.length);
  return packet;
}

/** CRC-32/MPEG-2, which is 0 over what ends with it: not reflected and not inverted, unlike zlib's. */
export function mpegCrc(bytes: Iterable<number>): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  }
  return crc >>> 0;
}
