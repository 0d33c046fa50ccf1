import { BitReader } from '../h264/bit-reader.ts';
import { HEVC_HEADER_BYTES } from './nal-units.ts';

/** Bits of what a profile is told by, without the level: ITU-T H.265, 7.3.3. */
const PROFILE_BITS = 88;
const LEVEL_BITS = 8;

/**
 * The size of pictures as they are shown, by their sequence parameter set: ITU-T H.265, 7.3.2.2.
 * @throws RangeError when it is damaged
 */
export function hevcPictureSize(nalUnit: Buffer): { width: number; height: number } {
  // The reader takes one byte for the header.
  const reader = new BitReader(nalUnit.subarray(HEVC_HEADER_BYTES - 1));
  reader.bits(4); // sps_video_parameter_set_id
  const subLayers = reader.bits(3);
  reader.bits(1); // temporal_id_nesting
  skipProfileAndLevel(reader, subLayers);
  reader.unsigned(); // sps_seq_parameter_set_id
  const chromaFormat = reader.unsigned();
  if (chromaFormat === 3) reader.flag(); // separate_colour_plane
  const codedWidth = reader.unsigned();
  const codedHeight = reader.unsigned();
  if (!reader.flag()) return { width: codedWidth, height: codedHeight };
  const [left, right, top, bottom] = [0, 1, 2, 3].map(() => reader.unsigned());
  // In units of chroma samples: ITU-T H.265, table 6-1.
  const columns = chromaFormat === 1 || chromaFormat === 2 ? 2 : 1;
  const rows = chromaFormat === 1 ? 2 : 1;
  return {
    width: codedWidth - columns * (left! + right!),
    height: codedHeight - rows * (top! + bottom!),
  };
}

function skipProfileAndLevel(reader: BitReader, subLayers: number): void {
  reader.bits(PROFILE_BITS);
  reader.bits(LEVEL_BITS);
  const present = Array.from({ length: subLayers }, () => [reader.flag(), reader.flag()]);
  if (subLayers > 0) reader.bits(2 * (8 - subLayers));
  for (const [hasProfile, hasLevel] of present) {
    if (hasProfile) reader.bits(PROFILE_BITS);
    if (hasLevel) reader.bits(LEVEL_BITS);
  }
}
