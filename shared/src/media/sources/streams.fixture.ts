import { PACKET_BYTES, readPacketHeader, readPid } from '../transport-stream/packets/packets.ts';
import { mpegCrc } from '../transport-stream/packets/tables.ts';
import { PICTURE_PID, SOUND_PID } from './rewrite.fixture.ts';

/** FFmpeg's PID of the program's map. */
export const MAP_PID = 0x1000;
const DESCRIPTION_PID = 17;

export const packetsIn = (bytes: Buffer): Buffer[] =>
  Array.from({ length: bytes.length / PACKET_BYTES }, (_, n) =>
    Buffer.from(bytes.subarray(n * PACKET_BYTES, (n + 1) * PACKET_BYTES)),
  );

export const pidOf = (packet: Buffer): number => readPid(packet, 0);

export function withPid(packet: Buffer, pid: number): Buffer {
  const moved = Buffer.from(packet);
  moved[1] = (moved[1]! & 0xe0) | (pid >> 8);
  moved[2] = pid & 0xff;
  return moved;
}

export const isTable = (packet: Buffer): boolean =>
  [0, MAP_PID, DESCRIPTION_PID].includes(pidOf(packet));

const TIMES_OR_MARKS = 0x20;

/** Whether a packet carries anything. */
const hasPayload = (packet: Buffer) => (packet[3]! & 0x10) !== 0;

/** A stream in a map, as bytes. */
export interface ListedStream {
  streamType: number;
  pid: number;
  descriptors?: readonly number[];
}

const reserved = (value: number, bits: number) => [bits | (value >> 8), value & 0xff];

interface SectionHead {
  version?: number;
  isCurrent?: boolean;
  /** The number of this section, and of the last one. */
  place?: readonly [number, number];
}

function section(
  tableId: number,
  id: number,
  content: readonly number[],
  { version = 0, isCurrent = true, place = [0, 0] }: SectionHead = {},
): Buffer {
  const marks = 0xc0 | (version << 1) | Number(isCurrent);
  const body = [...reserved(id, 0), marks, ...place, ...content];
  const bytes = Buffer.from([tableId, ...reserved(body.length + 4, 0xb0), ...body, 0, 0, 0, 0]);
  bytes.writeUInt32BE(mpegCrc(bytes.subarray(0, -4)), bytes.length - 4);
  return bytes;
}

/** The list of programs. @param programs each with the PID of its map; 0: the network's */
export const programList = (
  programs: readonly (readonly [program: number, pid: number])[],
  head?: SectionHead,
): Buffer =>
  section(
    0,
    1,
    programs.flatMap(([program, pid]) => [...reserved(program, 0), ...reserved(pid, 0xe0)]),
    head,
  );

/** The map of a program. */
export const programMap = (
  program: number,
  streams: readonly ListedStream[],
  { descriptors = [], ...head }: SectionHead & { descriptors?: readonly number[] } = {},
): Buffer =>
  section(
    2,
    program,
    [
      ...reserved(streams[0]?.pid ?? 0x1fff, 0xe0),
      ...[...reserved(descriptors.length, 0xf0), ...descriptors],
      ...streams.flatMap(({ streamType, pid, descriptors = [] }) => [
        ...[streamType, ...reserved(pid, 0xe0), ...reserved(descriptors.length, 0xf0)],
        ...descriptors,
      ]),
    ],
    head,
  );

export const VIDEO: ListedStream = { streamType: 0x1b, pid: PICTURE_PID };
export const AUDIO: ListedStream = { streamType: 0x0f, pid: SOUND_PID };

export const language = (code: string): number[] => [0x0a, 4, ...Buffer.from(code), 0];

/**
 * Sections in packets of their own.
 * @param room how many bytes of them go into a packet, at most
 */
export function tablePackets(pid: number, sections: readonly Buffer[], room = 183): Buffer[] {
  const bytes = Buffer.concat(sections);
  const packets: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += room) {
    const packet = Buffer.alloc(PACKET_BYTES, 0xff);
    const part = bytes.subarray(at, at + room);
    const isFirst = at === 0;
    const filling = 184 - part.length - Number(isFirst);
    packet.set([0x47, (isFirst ? 0x40 : 0) | (pid >> 8), pid & 0xff]);
    packet[3] = (filling > 0 ? 0x30 : 0x10) | (packets.length & 0x0f);
    if (filling > 0) packet.set([filling - 1, 0].slice(0, filling), 4);
    const from = 4 + filling + Number(isFirst);
    if (isFirst) packet[from - 1] = 0;
    packet.set(part, from);
    packets.push(packet);
  }
  return packets;
}

/** Counts the packets of tables anew, through all chunks of a stream. */
export function counted(packets: readonly Buffer[], pids: readonly number[]): Buffer[] {
  const counters = new Map<number, number>();
  return packets.map((packet) => {
    const pid = pidOf(packet);
    if (!pids.includes(pid)) return packet;
    const counter = ((counters.get(pid) ?? -1) + 1) & 0x0f;
    counters.set(pid, counter);
    const again = Buffer.from(packet);
    again[3] = (again[3]! & 0xf0) | counter;
    return again;
  });
}

/** Replaces each list of programs and each map, where they stand. */
export const withTables = (
  packets: readonly Buffer[],
  list: readonly Buffer[],
  map: readonly Buffer[],
): Buffer[] =>
  counted(
    packets.flatMap((packet) => {
      if (pidOf(packet) === 0) return [...list];
      return pidOf(packet) === MAP_PID ? [...map] : [packet];
    }),
    [...new Set([...list, ...map].map(pidOf))],
  );

/** Moves the tables that a chunk begins with behind so many others of its packets, and leaves out all that follow. */
export function withLateTables(packets: readonly Buffer[], count: number): Buffer[] {
  const [tables, others] = [
    packets.filter(isTable).slice(0, 3),
    packets.filter((p) => !isTable(p)),
  ];
  return [...others.slice(0, count), ...tables, ...others.slice(count)];
}

/** The n-th packets of a stream that carry something and begin nothing. */
export function placesOf(packets: readonly Buffer[], pid: number, isStart = false): number[] {
  return packets.flatMap((packet, n) => {
    const header = readPacketHeader(packet, 0);
    return header.pid === pid && header.isStart === isStart && hasPayload(packet) ? [n] : [];
  });
}

/** A packet without anything for anybody. */
export const NULL_PACKET = Buffer.alloc(PACKET_BYTES, 0xff);
NULL_PACKET.set([0x47, 0x1f, 0xff, 0x10]);

/** Packets as discs and recorders have them (192), or as modulators do (204). */
export const withStride = (packets: readonly Buffer[], stride: 192 | 204): Buffer =>
  Buffer.concat(
    packets.flatMap((packet, n) =>
      stride === 192
        ? [Buffer.from([0x40 | ((n >> 12) & 0x3f), n >> 4, n * 5, n * 77]), packet]
        : [packet, Buffer.alloc(16, n)],
    ),
  );

export const isMarked = (packet: Buffer): boolean => (packet[3]! & TIMES_OR_MARKS) !== 0;
