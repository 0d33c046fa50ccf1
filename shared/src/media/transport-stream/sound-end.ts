import { readAdtsHeader } from '../packed-audio/adts.ts';
import { readDolbyHeader } from '../packed-audio/dolby.ts';
import { readMpegAudioHeader } from '../packed-audio/mpeg-audio.ts';
import type { SoundPacket } from '../source/media-index.ts';
import { CLOCK_HZ } from './clock.ts';
import { STREAM_TYPE } from './packets/stream-types.ts';

/** What the header of a frame must tell to count time by it. */
interface TimedFrame {
  frameBytes: number;
  samples: number;
  sampleRate: number;
  isDependent?: boolean;
}

type HeaderReader = (bytes: Buffer, at: number) => TimedFrame | undefined;

const HEADER_READERS: Readonly<Record<number, HeaderReader>> = {
  [STREAM_TYPE.mpeg1Audio]: readMpegAudioHeader,
  [STREAM_TYPE.mpeg2Audio]: readMpegAudioHeader,
  [STREAM_TYPE.adtsAac]: readAdtsHeader,
  [STREAM_TYPE.ac3]: readDolbyHeader,
  [STREAM_TYPE.enhancedAc3]: readDolbyHeader,
};

/** How long the frames of a packet sound, in ticks; nothing when they cannot be counted. */
export function soundingTicks(streamType: number, payload: Buffer): number | undefined {
  const { ticks } = walkFrames(streamType, payload);
  return ticks > 0 ? Math.round(ticks) : undefined;
}

/** How many bytes the whole frames have that a payload begins with, and how long they sound, in ticks. */
export function countFrames(streamType: number, payload: Buffer): { bytes: number; ticks: number } {
  const { bytes, ticks } = walkFrames(streamType, payload, true);
  return { bytes, ticks };
}

/** Where frames begin that go on to the very end of a payload. */
export function firstFrameIn(streamType: number, payload: Buffer): number | undefined {
  const readHeader = HEADER_READERS[streamType];
  if (!readHeader) return undefined;
  for (let at = 0; at < payload.length; at++) {
    if (!readHeader(payload, at)) continue;
    const { bytes } = walkFrames(streamType, payload.subarray(at), true);
    if (at + bytes === payload.length) return at;
  }
  return undefined;
}

function walkFrames(streamType: number, payload: Buffer, isWholeOnly = false) {
  const readHeader = HEADER_READERS[streamType];
  let ticks = 0;
  let at = 0;
  while (readHeader && at < payload.length) {
    const frame = readHeader(payload, at);
    if (!frame || (isWholeOnly && at + frame.frameBytes > payload.length)) break;
    if (!frame.isDependent) ticks += (frame.samples * CLOCK_HZ) / frame.sampleRate;
    at += frame.frameBytes;
  }
  return { bytes: Math.min(at, payload.length), ticks };
}

/** A frame of most codecs lasts about so long. */
const LONE_PACKET_TICKS = (24 * CLOCK_HZ) / 1000;

/** How long the last packet should sound if it has as many bytes per second as the one before it. */
export function estimatedTicks(
  packets: readonly SoundPacket[],
  bytesBeforeLast: number,
  lastBytes: number,
): number {
  const [before, last] = packets.slice(-2);
  if (!before || !last || bytesBeforeLast === 0 || last.pts <= before.pts) return LONE_PACKET_TICKS;
  return Math.round(((last.pts - before.pts) * lastBytes) / bytesBeforeLast);
}
