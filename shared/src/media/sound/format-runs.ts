import { readAdtsHeader } from '../packed-audio/adts.ts';
import {
  type FrameFormat,
  formatReader,
  readFrameFormat,
  sbrLeadTicks,
} from '../packed-audio/frame-format.ts';
import { MAX_HEADER_BYTES, readSoundFrame } from '../packed-audio/read-sound-frame.ts';
import { hasSbr } from '../packed-audio/sbr.ts';
import { FileReader } from '../source/file-reader.ts';
import { FileWindow } from '../source/file-window.ts';
import type { SoundPacket, SoundTrack } from '../source/media-index.ts';
import { STREAM_TYPE } from '../transport-stream/packets/stream-types.ts';

// Where the format of frames changes, FFmpeg sets up its filters again, and they forget what they have counted:
// silence comes in, and all that follows is late. So frames of one format each go to a decoder of their own.

/** A packet as it is in the source, or a part of one. */
export type RunPacket = SoundPacket | { pts: number; bytes: Buffer };

/** Packets of a track that follow each other and have one format. */
export interface FormatRun {
  packets: RunPacket[];
  /** Absent where the frames do not tell it. */
  format?: FrameFormat;
  /** Where its last frame ends; only of a run that another one follows. */
  endPts?: number;
}

/** Codecs whose frames state their format, and whose packets in MP4 nobody has looked into yet. */
const STATED_IN_FRAMES: readonly number[] = [
  STREAM_TYPE.ac3,
  STREAM_TYPE.enhancedAc3,
  STREAM_TYPE.mpeg1Audio,
  STREAM_TYPE.mpeg2Audio,
];

/** Blocks for looking at headers only. */
const WINDOW_BYTES = 1 << 16;

/**
 * Splits packets where the format of their frames changes. Of a transport stream and of packed audio, only packets
 * beside a change are read; of Dolby and MPEG audio in MP4, the header of each; of AAC that may be HE-AAC, all.
 * @param packets of the track, in order
 */
export async function formatRuns(
  track: SoundTrack,
  packets: readonly SoundPacket[],
): Promise<FormatRun[]> {
  const reader = new FileReader();
  try {
    const known = await formatsOf(track, packets, reader);
    const formats = await withSbr(track, packets, known, reader);
    const runs: FormatRun[] = [];
    for (const [n, packet] of packets.entries()) {
      const run = runs.at(-1);
      const format = formats[n];
      const isChange = run?.format && format && format.id !== run.format.id;
      if (!run || (isChange && (await isClean(track, reader, packet)))) {
        const early = run && format ? await endRun(track, reader, run, format) : [];
        runs.push({ packets: [...early, packet], format });
      } else {
        run.format ??= format;
        run.packets.push(packet);
      }
    }
    const [first] = runs;
    if (first && !first.format) first.format = await formatOf(track, reader, first.packets[0]!);
    for (const run of runs) if (await hasDependent(track, reader, run)) delete run.format!.layout;
    return runs;
  } finally {
    await reader.close();
  }
}

async function formatsOf(
  { format, files }: SoundTrack,
  packets: readonly SoundPacket[],
  reader: FileReader,
): Promise<readonly (FrameFormat | undefined)[]> {
  const known = packets.map((packet) => packet.format);
  if (!STATED_IN_FRAMES.includes(format.streamType) || known.some(Boolean)) return known;
  const formatAt = formatReader();
  const windows = new Map<number, FileWindow>();
  const formats: (FrameFormat | undefined)[] = [];
  for (const { file, start } of packets) {
    const window = windows.get(file) ?? (await FileWindow.open(reader, files[file]!, WINDOW_BYTES));
    windows.set(file, window);
    formats.push(formatAt(await window.bytes(start, MAX_HEADER_BYTES), 0));
  }
  return formats;
}

/** One frame alone may look as if it had SBR, or not. */
const LEAST_SBR_FRAMES = 4;

/**
 * AAC with SBR and without it may have the same headers. A decoder that has begun without ignores it: half the band
 * would be lost. One that has begun with it goes on inventing a high band.
 */
async function withSbr(
  track: SoundTrack,
  packets: readonly SoundPacket[],
  formats: readonly (FrameFormat | undefined)[],
  reader: FileReader,
): Promise<readonly (FrameFormat | undefined)[]> {
  if (!formats.some(sbrLeadTicks)) return formats;
  const counts: { frames: number; isSbr: boolean }[] = [];
  for (const packet of packets) {
    const found = sbrIn(await track.read(reader, packet));
    counts.push({ frames: found.length, isSbr: 2 * found.filter(Boolean).length > found.length });
  }
  let isSbr = false;
  return formats.map((format, n) => {
    const end = counts.findIndex((count, k) => k > n && count.isSbr !== counts[n]!.isSbr);
    const alike = counts.slice(n, end === -1 ? counts.length : end);
    const frames = alike.reduce((sum, count) => sum + count.frames, 0);
    if (frames >= LEAST_SBR_FRAMES) isSbr = counts[n]!.isSbr;
    return format && isSbr && sbrLeadTicks(format) ? sbrFormat(format) : format;
  });
}

const sbrFormat = (format: FrameFormat): FrameFormat => ({ ...format, id: `${format.id},sbr` });

/** Whether each frame of a packet has SBR. */
function sbrIn(bytes: Buffer): boolean[] {
  const found: boolean[] = [];
  for (let at = 0; ; ) {
    const frame = readAdtsHeader(bytes, at);
    if (!frame) return found;
    found.push(hasSbr(bytes.subarray(at + frame.headerBytes, at + frame.frameBytes)));
    at += frame.frameBytes;
  }
}

/** Whether the frame that begins there may be the first of a format. */
function isOf(next: FrameFormat, bytes: Buffer, at: number): boolean {
  const format = readFrameFormat(bytes, at);
  if (!format || !sbrLeadTicks(format)) return format?.id === next.id;
  const [isSbr] = sbrIn(bytes.subarray(at));
  return (isSbr ? sbrFormat(format) : format).id === next.id;
}

/** Bytes of a packet, wherever they are. */
export const bytesOf = async (
  track: SoundTrack,
  reader: FileReader,
  packet: RunPacket,
): Promise<Buffer> => ('bytes' in packet ? packet.bytes : track.read(reader, packet));

async function formatOf(track: SoundTrack, reader: FileReader, packet: RunPacket) {
  return readFrameFormat(await bytesOf(track, reader, packet), 0);
}

/** Whether the packet is made of frames: what begins within a frame may look like a header by chance. */
async function isClean(track: SoundTrack, reader: FileReader, packet: SoundPacket) {
  const bytes = await track.read(reader, packet);
  let at = 0;
  for (;;) {
    const frame = readSoundFrame(bytes, at);
    if (!frame) return false;
    at += frame.frameBytes;
    if (at + MAX_HEADER_BYTES > bytes.length) return true;
  }
}

/**
 * Notes where a run ends. Its last packet may hold several frames, and the change come amid them.
 * @returns those behind the change, which belong to the next run
 */
async function endRun(
  track: SoundTrack,
  reader: FileReader,
  run: FormatRun,
  next: FrameFormat,
): Promise<RunPacket[]> {
  const last = run.packets.at(-1)!;
  const bytes = await bytesOf(track, reader, last);
  let ticks = 0;
  for (let at = 0; ; ) {
    const frame = readSoundFrame(bytes, at);
    run.endPts = Math.round(last.pts + ticks);
    if (!frame) return [];
    if (at > 0 && isOf(next, bytes, at)) {
      run.packets[run.packets.length - 1] = { pts: last.pts, bytes: bytes.subarray(0, at) };
      return [{ pts: run.endPts, bytes: bytes.subarray(at) }];
    }
    if (!frame.isDependent) ticks += (frame.samples * 90_000) / frame.sampleRate;
    at += frame.frameBytes;
  }
}

/** E-AC-3 has more than 5.1 channels in frames that depend on the one before: only a decoder tells which. */
async function hasDependent(track: SoundTrack, reader: FileReader, { packets, format }: FormatRun) {
  if (format?.codec !== 'eac3') return false;
  const bytes = await bytesOf(track, reader, packets[0]!);
  for (let at = 0; ; ) {
    const frame = readSoundFrame(bytes, at);
    if (!frame || frame.isDependent) return frame?.isDependent ?? false;
    at += frame.frameBytes;
  }
}
