import { type FrameFormat, formatReader, readFrameFormat } from '../packed-audio/frame-format.ts';
import { MAX_HEADER_BYTES, readSoundFrame } from '../packed-audio/read-sound-frame.ts';
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
 * beside a change are read; of Dolby and MPEG audio in MP4, the header of each.
 * @param packets of the track, in order
 */
export async function formatRuns(
  track: SoundTrack,
  packets: readonly SoundPacket[],
): Promise<FormatRun[]> {
  const reader = new FileReader();
  try {
    const formats = await formatsOf(track, packets, reader);
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
    if (at > 0 && readFrameFormat(bytes, at)?.id === next.id) {
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
