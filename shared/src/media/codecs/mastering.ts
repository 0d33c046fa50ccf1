import type { VideoCodec } from '../source/media-index.ts';
import { BitReader } from './h264/bit-reader.ts';
import { splitAtStartCodes } from './h264/nal-units.ts';

// Supplemental enhancement information of HDR10, alike in both codecs: ITU-T H.265, D.2.28 and D.2.35.

const MASTERING_DISPLAY = 137;
const CONTENT_LIGHT = 144;

/** The NAL units that may hold it, and how long their headers are. */
const KINDS = {
  h264: { isSupplement: (header: number) => (header & 0x1f) === 6, headerBytes: 1 },
  hevc: { isSupplement: (header: number) => ((header >> 1) & 0x3f) === 39, headerBytes: 2 },
} as const;

/** For which screen HDR was made, and how bright it is at most, as an encoder passes it on. */
export interface Mastering {
  /** Places of green, blue, red and white, in steps of 0.00002. */
  display?: { places: readonly (readonly [x: number, y: number])[]; most: number; least: number };
  /** Of the brightest pixel, and of the brightest frame on average, in candela per square metre. */
  light?: { pixel: number; frame: number };
}

/** @param stream the byte stream of a key picture */
export function masteringIn(codec: VideoCodec, stream: Buffer): Mastering {
  const { isSupplement, headerBytes } = KINDS[codec];
  const found: Mastering = {};
  for (const unit of splitAtStartCodes(stream)) {
    if (!isSupplement(unit[0]!)) continue;
    try {
      // The reader takes one byte for the header.
      readMessages(new BitReader(unit.subarray(headerBytes - 1)), found);
    } catch (error) {
      // Behind the last message the bytes end.
      if (!(error instanceof RangeError)) throw error;
    }
  }
  return found;
}

function readMessages(reader: BitReader, found: Mastering): void {
  for (;;) {
    const type = readNumber(reader);
    const bytes = readNumber(reader);
    if (type === MASTERING_DISPLAY) {
      const place = () => [reader.bits(16), reader.bits(16)] as const;
      const places = [place(), place(), place(), place()];
      found.display = { places, most: reader.bits(32), least: reader.bits(32) };
    } else if (type === CONTENT_LIGHT) {
      found.light = { pixel: reader.bits(16), frame: reader.bits(16) };
    } else {
      for (let n = 0; n < bytes; n++) reader.bits(8);
    }
  }
}

/** A number as so many bytes of 255 and a last one. */
function readNumber(reader: BitReader): number {
  let value = 0;
  for (;;) {
    const byte = reader.bits(8);
    value += byte;
    if (byte !== 0xff) return value;
  }
}
