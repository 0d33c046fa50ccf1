import { NotCopyableError } from '../../not-copyable.ts';
import type { StreamFormat, VideoCodec } from '../../source/media-index.ts';
import { descriptorsIn } from './descriptors.ts';
import { PACKET_BYTES, type PacketHeader } from './packets.ts';
import { OTHER_VIDEO, SAMPLE_ENCRYPTED, STREAM_TYPE, soundKind } from './stream-types.ts';
import { ASSOCIATION_TABLE, PROGRAM_MAP_TABLE, sectionIn } from './tables.ts';

/** What is in the first program of a transport stream: its first video and its first sound. */
export interface Program {
  video?: { pid: number; codec: VideoCodec };
  sound?: { pid: number; format: StreamFormat };
  /** The first sound is of a kind that we cannot write anew. */
  hasForeignSound: boolean;
}

/** Finds the program by the tables among the packets. */
export class ProgramFinder {
  program?: Program;
  #mapPid?: number;

  /**
   * Reads the packet that begins at `at` if it begins a table.
   * @returns which: the table of programs, or the first program's map
   * @throws NotCopyableError when the program holds what cannot be copied
   */
  packet(buffer: Buffer, at: number, header: PacketHeader): 'programs' | 'map' | undefined {
    if (!header.isStart || header.isUnreadable) return undefined;
    if (header.pid !== 0 && header.pid !== this.#mapPid) return undefined;
    const packet = buffer.subarray(at, at + PACKET_BYTES);
    const payloadAt = header.payloadAt - at;
    if (header.pid === 0) {
      const section = sectionIn(packet, payloadAt, ASSOCIATION_TABLE);
      if (section) this.#mapPid = firstMapPid(section);
      return 'programs';
    }
    const section = sectionIn(packet, payloadAt, PROGRAM_MAP_TABLE);
    if (section) this.program = programIn(section);
    return 'map';
  }
}

function firstMapPid(associations: Buffer): number | undefined {
  for (let at = 8; at + 4 <= associations.length; at += 4) {
    if (associations.readUInt16BE(at) !== 0) return associations.readUInt16BE(at + 2) & 0x1fff;
  }
  return undefined;
}

/** Where a program map tells the length of the program's own descriptors, and where those begin. */
const DESCRIPTORS_LENGTH_AT = 10;
const DESCRIPTORS_AT = 12;
const ENTRY_BYTES = 5;

function programIn(map: Buffer): Program {
  const program: Program = { hasForeignSound: false };
  if (map.length < DESCRIPTORS_AT) return program;
  const entriesAt = DESCRIPTORS_AT + (map.readUInt16BE(DESCRIPTORS_LENGTH_AT) & 0x0fff);
  const programDescriptors = descriptorsIn(map.subarray(DESCRIPTORS_AT, entriesAt));
  for (let at = entriesAt; at + ENTRY_BYTES <= map.length; ) {
    const streamType = map[at]!;
    const pid = map.readUInt16BE(at + 1) & 0x1fff;
    const end = at + ENTRY_BYTES + (map.readUInt16BE(at + 3) & 0x0fff);
    const descriptors = map.subarray(at + ENTRY_BYTES, end);
    if (SAMPLE_ENCRYPTED.includes(streamType)) {
      throw new NotCopyableError('the media is encrypted (SAMPLE-AES)');
    }
    const codec = program.video ? undefined : videoCodec(streamType);
    if (codec) program.video = { pid, codec };
    if (!program.sound && !program.hasForeignSound) {
      const kind = soundKind(streamType, descriptorsIn(descriptors), programDescriptors);
      // A copy: the packet's buffer is used again.
      const format = { streamType, descriptors: Buffer.from(descriptors) };
      if (kind === 'known') program.sound = { pid, format };
      program.hasForeignSound = kind === 'foreign';
    }
    at = end;
  }
  return program;
}

function videoCodec(streamType: number): VideoCodec | undefined {
  if (streamType === STREAM_TYPE.h264) return 'h264';
  if (streamType === STREAM_TYPE.hevc) return 'hevc';
  if (OTHER_VIDEO.includes(streamType)) throw new NotCopyableError('the video is not H.264');
  return undefined;
}
