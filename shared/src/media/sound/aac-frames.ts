import { NotCopyableError } from '../not-copyable.ts';
import { ADTS_HEADER_BYTES, type AdtsHeader, readAdtsHeader } from '../packed-audio/adts.ts';

/** One AAC frame with its header. */
export interface AacFrame {
  header: AdtsHeader;
  bytes: Buffer;
}

/**
 * Splits ADTS at its headers.
 * @returns the frames, and what is left of one that is cut off at the end; `undefined` where it is no ADTS
 */
export function splitAdts(bytes: Buffer): { frames: AacFrame[]; rest: Buffer } | undefined {
  const frames: AacFrame[] = [];
  let at = 0;
  while (at + 7 <= bytes.length) {
    const header = readAdtsHeader(bytes, at);
    if (!header) return undefined;
    if (at + header.frameBytes > bytes.length) break;
    frames.push({ header, bytes: bytes.subarray(at, at + header.frameBytes) });
    at += header.frameBytes;
  }
  return { frames, rest: bytes.subarray(at) };
}

/** The frames of ADTS that comes in pieces. @throws NotCopyableError where it is none */
export async function* framesOf(pieces: AsyncIterable<Buffer>): AsyncGenerator<AacFrame> {
  let left: Buffer = Buffer.alloc(0);
  for await (const piece of pieces) {
    const split = splitAdts(left.length > 0 ? Buffer.concat([left, piece]) : piece);
    if (!split) throw new NotCopyableError('the sound is no AAC');
    yield* split.frames;
    left = split.rest;
  }
}

/** A frame without its header. */
export const rawBytes = ({ header, bytes }: AacFrame): Buffer => bytes.subarray(header.headerBytes);

/** What precedes the first header is the rest of a frame: its time is that of the frame which begins first. */
export function fromFirstFrame(bytes: Buffer): Buffer {
  for (let at = 0; at < bytes.length; at++) {
    const header = readAdtsHeader(bytes, at);
    if (!header) continue;
    const next = at + header.frameBytes;
    const isFrame = next + ADTS_HEADER_BYTES > bytes.length || readAdtsHeader(bytes, next);
    if (isFrame) return bytes.subarray(at);
  }
  return bytes;
}

/** What must be equal for frames to be decoded one after the other; how long a frame is comes with it. */
export const kindOf = ({ header }: AacFrame) =>
  [header.objectType, header.frequencyIndex, header.channelConfig, header.samples].join();

/** How long a frame is heard, in ticks of 90 kHz. */
export const frameTicks = ({ header }: AacFrame) => (header.samples * 90_000) / header.sampleRate;
