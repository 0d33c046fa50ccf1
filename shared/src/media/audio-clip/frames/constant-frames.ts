import { type MpegAudioFrame, readMpegAudioHeader } from '../../packed-audio/mpeg-audio.ts';
import type { ByteSpan } from '../../source/media-index.ts';
import type { RangedObject } from '../../source/ranged-object.ts';
import type { Mp3Info } from './mp3-info.ts';

/** Tags at the end. What is longer may be more sound. */
const MAX_TRAILING_BYTES = 256 << 10;

/**
 * So far from where it should be, a frame still is the one with this number. Where the mean length is no whole number,
 * frames differ by a byte, and every edit of a file begins to round anew.
 */
const TOLERANCE_OF_FRAME = 0.25;

/** Enough to see a frame and the header of the next one: MP3's longest have 1,441 bytes. */
const LOOK_BYTES = 3072;

/** MP3 frames of which each lies where it can be calculated. */
export interface ConstantFrames {
  frameCount: number;
  /** @returns undefined where there is no frame, and so the frames are not what they are said to be */
  find(first: number, last: number): Promise<{ span: ByteSpan; firstFrame: number } | undefined>;
}

/**
 * The frames of a constant bit rate. That it is constant is believed only where the encoder says so, and where
 * the frames and bytes that it tells fit with the file: joined files mostly bear the tag of the first one.
 * @param start where the first frame with sound begins
 * @param infoBytes size of the encoder's own frame before it
 * @returns undefined where it does not fit
 */
export function constantFrames(
  object: RangedObject,
  start: number,
  { samples, sampleRate, bitRate }: MpegAudioFrame,
  { isConstantBitRate, frameCount = 0, byteCount = 0 }: Mp3Info,
  infoBytes: number,
): ConstantFrames | undefined {
  const meanBytes = (samples * bitRate) / (8 * sampleRate);
  const soundBytes = frameCount * meanBytes;
  const toleranceBytes = Math.floor(meanBytes * TOLERANCE_OF_FRAME);
  // Some count the encoder's own frame, some do not.
  const isAsStated = [infoBytes, 0].some(
    (ownBytes) => Math.abs(byteCount - ownBytes - soundBytes) <= toleranceBytes,
  );
  const restBytes = object.size - start - soundBytes;
  const isAll = restBytes > -meanBytes && restBytes < MAX_TRAILING_BYTES;
  if (!isConstantBitRate || frameCount === 0 || !isAsStated || !isAll) return undefined;

  const placeOf = (frame: number) => start + frame * meanBytes;
  const isLikeFirst = (bytes: Buffer, at: number) => {
    const frame = readMpegAudioHeader(bytes, at);
    return frame?.bitRate === bitRate && frame.sampleRate === sampleRate ? frame : undefined;
  };
  return {
    frameCount,
    find: async (first, last) => {
      const from = Math.max(start, Math.floor(placeOf(first)) - toleranceBytes);
      const bytes = await object.read(from, Math.min(from + LOOK_BYTES, object.size));
      for (let at = 0; at <= 2 * toleranceBytes; at++) {
        const frame = isLikeFirst(bytes, at);
        const isLast = first === frameCount - 1;
        if (!frame || !(isLast || isLikeFirst(bytes, at + frame.frameBytes))) continue;
        const end = Math.min(Math.ceil(placeOf(last + 1)) + toleranceBytes, object.size);
        return { span: { start: from + at, end }, firstFrame: first };
      }
      return undefined;
    },
  };
}
