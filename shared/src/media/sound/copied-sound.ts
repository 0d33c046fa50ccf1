import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isMedia, type Stretch } from '../cut/stretch.ts';
import type { MediaWork } from '../ffmpeg/media-work.ts';
import { sbrLeadTicks } from '../packed-audio/frame-format.ts';
import { hasSbr } from '../packed-audio/sbr.ts';
import { FileReader } from '../source/file-reader.ts';
import type { SoundPacket, SoundTrack } from '../source/media-index.ts';
import type { Wanted } from '../source/wanted.ts';
import {
  type AacFrame,
  frameTicks,
  fromFirstFrame,
  kindOf,
  rawBytes,
  splitAdts,
} from './aac-frames.ts';
import { decodedRate } from './decodable.ts';

/** `stream_type` of AAC with ADTS headers. */
const ADTS_STREAM = 0x0f;

/** Frames are kept from so long before a segment, or longer for SBR, until so long after it: the stitch picks from them. */
const MARGIN_TICKS = 0.05 * 90_000;

/** AAC frames as they are in the source. */
export interface CopiedSound {
  /** ADTS. */
  file: string;
  /** When the first of them begins, in ticks from the first picture of the segment; negative: before it. */
  firstTicks: number;
}

interface Copyable {
  track: SoundTrack;
  wanted: Wanted;
}

/** The sound that may be copied: AAC, of a segment that lies in one piece. */
export function copyableSound(stretches: readonly Stretch[]): Copyable | undefined {
  const [stretch, ...others] = stretches;
  if (!stretch || others.length > 0 || !isMedia(stretch)) return undefined;
  const { sound } = stretch.source;
  if (!sound || 'input' in sound || sound.track.format.streamType !== ADTS_STREAM) return undefined;
  return { track: sound.track, wanted: stretch.wanted };
}

/** Of frames of LC, so many at most look by chance as if they had SBR. */
const MOST_CHANCE_SHARE = 0.1;

const isSbr = (frame: AacFrame) => hasSbr(rawBytes(frame));

/** Into what the AAC frames of a segment are copied. */
interface Copy {
  isWholeClip: boolean;
  /** That may be copied. Default: any number. */
  mostChannels?: number;
}

/**
 * Writes the AAC frames of a segment to a file.
 * @returns `undefined` where they are not one row without a hole, from the segment's begin to its end; where one of
 *   them cannot be decoded; where only some have SBR; and where frames of HE-AAC would be joined: SBR tells its levels
 *   against the frame before, and behind another one they can become a bang
 */
export async function copySound(
  { track, wanted }: Copyable,
  { isWholeClip, mostChannels = Number.POSITIVE_INFINITY }: Copy,
  work: MediaWork,
): Promise<CopiedSound | undefined> {
  const sbrTicks = sbrLeadTicks(track.packets[0]?.format);
  const from = wanted.firstPts - Math.max(MARGIN_TICKS, sbrTicks ?? 0);
  const to = wanted.endPts + MARGIN_TICKS;
  const packets = track.packets.filter(
    ({ pts }, n) => (track.packets[n + 1]?.pts ?? track.endPts) > from && pts < to,
  );
  const frames = await rowOfFrames(track, packets);
  const first = packets[0];
  if (!frames?.[0] || !first || first.pts > wanted.firstPts) return undefined;
  if (frames[0].header.channelConfig > mostChannels) return undefined;
  const sbrShare = sbrTicks ? frames.filter(isSbr).length / frames.length : 0;
  const isLc = sbrShare <= MOST_CHANCE_SHARE;
  if (!isLc && (sbrShare < 1 || !isWholeClip)) return undefined;
  const endPts = first.pts + frames.length * frameTicks(frames[0]);
  if (endPts < wanted.endPts - MARGIN_TICKS) return undefined;
  // At once: Node writes what is in a list one by one, which took longer than all the rest.
  const file = join(work.folder, 'segment.aac');
  await writeFile(file, Buffer.concat(frames.map(({ bytes }) => bytes)));
  const firstTicks = first.pts - wanted.firstPts;
  const heard = { from: Math.max(0, -firstTicks - MARGIN_TICKS), to: endPts - first.pts };
  const sampleRate = await decodedRate(file, heard, work);
  const isExpected = sampleRate === frames[0].header.sampleRate || !isLc;
  return sampleRate && isExpected ? { file, firstTicks } : undefined;
}

async function rowOfFrames(
  track: SoundTrack,
  packets: readonly SoundPacket[],
): Promise<AacFrame[] | undefined> {
  const reader = new FileReader();
  const row: AacFrame[] = [];
  let rest: Buffer = Buffer.alloc(0);
  try {
    for (const packet of packets) {
      const read = await track.read(reader, packet);
      const bytes = packet === packets[0] ? fromFirstFrame(read) : read;
      if (rest.length === 0 && !isInTime(row, packets[0]!.pts, packet.pts)) return undefined;
      const split = splitAdts(Buffer.concat([rest, bytes]));
      if (!split) return undefined;
      row.push(...split.frames);
      rest = split.rest;
    }
  } finally {
    await reader.close();
  }
  const kinds = new Set(row.map(kindOf));
  return kinds.size === 1 ? row : undefined;
}

/** Whether the next frame follows the row as closely as its time says. */
function isInTime(row: readonly AacFrame[], rowPts: number, pts: number): boolean {
  const [first] = row;
  if (!first) return true;
  const ticks = frameTicks(first);
  return Math.abs(rowPts + row.length * ticks - pts) < ticks / 2;
}
