import type { Size } from '../../source/media-index.ts';
import { BitReader } from '../h264/bit-reader.ts';
import { HEVC_HEADER_BYTES } from './nal-units.ts';

/** What a sequence parameter set says about the pictures. */
export interface HevcPictureFormat extends Size {
  /** Profile, tier, compatibility and level, as a file's header repeats them. */
  profileAndLevel: Buffer;
  /** How many temporal layers there are beside the lowest. */
  subLayers: number;
  /** 1 is 4:2:0. */
  chromaFormat: number;
  bitDepth: number;
}

/** Bits of what a profile is told by, without the level: ITU-T H.265, 7.3.3. */
const PROFILE_BITS = 88;
const LEVEL_BITS = 8;

/**
 * How pictures are coded, and their size as they are shown: ITU-T H.265, 7.3.2.2.
 * @throws RangeError when the parameter set is damaged
 */
export function hevcPictureFormat(nalUnit: Buffer): HevcPictureFormat {
  // The reader takes one byte for the header.
  return readPictureFormat(new BitReader(nalUnit.subarray(HEVC_HEADER_BYTES - 1)));
}

/** Reads as far as the depth of samples. */
export function readPictureFormat(reader: BitReader): HevcPictureFormat {
  reader.bits(4); // sps_video_parameter_set_id
  const subLayers = reader.bits(3);
  reader.bits(1); // temporal_id_nesting
  const profileAndLevel = readProfileAndLevel(reader, subLayers);
  reader.unsigned(); // sps_seq_parameter_set_id
  const chromaFormat = reader.unsigned();
  if (chromaFormat === 3) reader.flag(); // separate_colour_plane
  const codedWidth = reader.unsigned();
  const codedHeight = reader.unsigned();
  const cropped = readCropping(reader, chromaFormat);
  return {
    profileAndLevel,
    subLayers,
    chromaFormat,
    bitDepth: 8 + Math.max(reader.unsigned(), reader.unsigned()),
    width: codedWidth - cropped.columns,
    height: codedHeight - cropped.rows,
  };
}

/** In units of chroma samples: ITU-T H.265, table 6-1. */
function readCropping(reader: BitReader, chromaFormat: number) {
  if (!reader.flag()) return { columns: 0, rows: 0 };
  const [left, right, top, bottom] = [0, 1, 2, 3].map(() => reader.unsigned());
  return {
    columns: (chromaFormat === 1 || chromaFormat === 2 ? 2 : 1) * (left! + right!),
    rows: (chromaFormat === 1 ? 2 : 1) * (top! + bottom!),
  };
}

/** @returns what holds for all layers */
function readProfileAndLevel(reader: BitReader, subLayers: number): Buffer {
  const bytes = (PROFILE_BITS + LEVEL_BITS) / 8;
  const general = Buffer.from(Array.from({ length: bytes }, () => reader.bits(8)));
  const present = Array.from({ length: subLayers }, () => [reader.flag(), reader.flag()]);
  if (subLayers > 0) reader.bits(2 * (8 - subLayers));
  for (const [hasProfile, hasLevel] of present) {
    if (hasProfile) reader.bits(PROFILE_BITS);
    if (hasLevel) reader.bits(LEVEL_BITS);
  }
  return general;
}
