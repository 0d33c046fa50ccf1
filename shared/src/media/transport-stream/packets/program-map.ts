import { UnreadableMediaError } from '../../not-copyable.ts';
import type { StreamFormat, VideoCodec } from '../../source/media-index.ts';
import { descriptorsIn, languageIn } from './descriptors.ts';
import {
  OTHER_VIDEO,
  SAMPLE_ENCRYPTED,
  type SoundKind,
  STREAM_TYPE,
  soundKind,
  soundName,
} from './stream-types.ts';

// What the tables say: ISO/IEC 13818-1, 2.4.4.3 and 2.4.4.8.

export interface VideoStream {
  pid: number;
  streamType: number;
  /** Absent where we cannot read it ourselves. */
  codec?: VideoCodec;
}

export interface AudioStream {
  pid: number;
  kind: SoundKind;
  format: StreamFormat;
  /** For people. */
  codec: string;
  language?: string;
}

/** The streams of a program, in the order of its map. */
export interface ProgramMap {
  program: number;
  video: VideoStream[];
  audio: AudioStream[];
  /** Of all its streams, those of data among them. */
  pids: number[];
  isEncrypted: boolean;
}

/** A program, and the PID of its map. */
export interface Association {
  program: number;
  mapPid: number;
}

const ASSOCIATIONS_AT = 8;

/** The programs of a transport stream, without the network's own table. */
export function associationsIn(section: Buffer): Association[] {
  const found: Association[] = [];
  for (let at = ASSOCIATIONS_AT; at + 4 <= section.length; at += 4) {
    const program = section.readUInt16BE(at);
    if (program !== 0) found.push({ program, mapPid: section.readUInt16BE(at + 2) & 0x1fff });
  }
  return found;
}

/** Whether a section applies now, and not only later. */
export const isCurrent = (section: Buffer): boolean => (section[5]! & 1) === 1;

/** Where a program map tells the length of the program's own descriptors, and where those begin. */
const DESCRIPTORS_LENGTH_AT = 10;
const DESCRIPTORS_AT = 12;
const ENTRY_BYTES = 5;

/** @throws UnreadableMediaError */
export function assertClear({ isEncrypted }: ProgramMap): void {
  if (!isEncrypted) return;
  throw new UnreadableMediaError(
    'the media is encrypted (SAMPLE-AES)',
    'provide the episode in clear, or encrypted with METHOD=AES-128',
  );
}

export function readProgramMap(section: Buffer): ProgramMap {
  const program = section.readUInt16BE(3);
  const map: ProgramMap = { program, video: [], audio: [], pids: [], isEncrypted: false };
  if (section.length < DESCRIPTORS_AT) return map;
  const entriesAt = DESCRIPTORS_AT + (section.readUInt16BE(DESCRIPTORS_LENGTH_AT) & 0x0fff);
  const programDescriptors = descriptorsIn(section.subarray(DESCRIPTORS_AT, entriesAt));
  for (let at = entriesAt; at + ENTRY_BYTES <= section.length; ) {
    const streamType = section[at]!;
    const pid = section.readUInt16BE(at + 1) & 0x1fff;
    const end = at + ENTRY_BYTES + (section.readUInt16BE(at + 3) & 0x0fff);
    const bytes = section.subarray(at + ENTRY_BYTES, end);
    at = end;
    map.pids.push(pid);
    if (SAMPLE_ENCRYPTED.includes(streamType)) map.isEncrypted = true;
    if (isVideo(streamType)) {
      map.video.push({ pid, streamType, codec: videoCodec(streamType) });
      continue;
    }
    const descriptors = descriptorsIn(bytes);
    const kind = soundKind(streamType, descriptors, programDescriptors);
    if (!kind) continue;
    const language = languageIn(descriptors);
    map.audio.push({
      ...{ pid, kind, codec: soundName(streamType, descriptors) },
      // A copy: the packet's buffer is used again.
      format: { streamType, descriptors: Buffer.from(bytes) },
      ...(language ? { language } : {}),
    });
  }
  return map;
}

const isVideo = (streamType: number) =>
  videoCodec(streamType) !== undefined || OTHER_VIDEO.includes(streamType);

function videoCodec(streamType: number): VideoCodec | undefined {
  if (streamType === STREAM_TYPE.h264) return 'h264';
  return streamType === STREAM_TYPE.hevc ? 'hevc' : undefined;
}
