import type { Colour } from '../colour.ts';
import { BitReader } from '../h264/bit-reader.ts';
import { readColour, readPixelShape } from '../h264/sequence-parameters.ts';
import { HEVC_HEADER_BYTES } from './nal-units.ts';
import { readPictureFormat } from './picture-format.ts';

/** What a sequence parameter set of HEVC says about how its frames look. */
export interface HevcLooks {
  colour: Colour;
  /** Width and height of a pixel, where the stream says so. */
  pixelShape?: readonly [width: number, height: number];
  /** Each coded picture is one field: `field_seq_flag`. */
  isInFields: boolean;
}

/**
 * The usability information of a sequence parameter set: ITU-T H.265, 7.3.2.2 and E.2.1. It stands behind all else.
 * @throws RangeError when the parameter set is damaged
 */
export function hevcLooks(nalUnit: Buffer): HevcLooks {
  const reader = new BitReader(nalUnit.subarray(HEVC_HEADER_BYTES - 1));
  const { subLayers } = readPictureFormat(reader);
  const orderBits = reader.unsigned() + 4;
  const areAllOrdered = reader.flag();
  for (let n = areAllOrdered ? 0 : subLayers; n <= subLayers; n++) skip(reader, 3);
  skip(reader, 6); // sizes of blocks, depths of trees
  if (reader.flag() && reader.flag()) skipScalingLists(reader);
  reader.bits(2); // asymmetric partitions, sample adaptive offset
  if (reader.flag()) {
    reader.bits(8); // depths of PCM samples
    skip(reader, 2);
    reader.flag();
  }
  skipReferenceSets(reader);
  if (reader.flag()) {
    const count = reader.unsigned();
    for (let n = 0; n < count; n++) reader.bits(orderBits + 1);
  }
  reader.bits(2); // temporal motion vectors, strong intra smoothing
  return reader.flag() ? readUsability(reader) : { colour: {}, isInFields: false };
}

function readUsability(reader: BitReader): HevcLooks {
  const pixelShape = reader.flag() ? readPixelShape(reader) : undefined;
  if (reader.flag()) reader.flag(); // overscan
  const colour = reader.flag() ? readColour(reader) : {};
  if (reader.flag()) skip(reader, 2); // chroma location, top and bottom
  reader.flag(); // neutral chroma
  return { colour, ...(pixelShape ? { pixelShape } : {}), isInFields: reader.flag() };
}

function skip(reader: BitReader, count: number): void {
  for (let n = 0; n < count; n++) reader.unsigned();
}

/** ITU-T H.265, 7.3.4. */
function skipScalingLists(reader: BitReader): void {
  const LARGEST = 3;
  for (let size = 0; size <= LARGEST; size++) {
    const step = size === LARGEST ? 3 : 1;
    for (let list = 0; list < 6; list += step) {
      if (!reader.flag()) {
        reader.unsigned();
        continue;
      }
      const coefficients = Math.min(64, 1 << (4 + (size << 1)));
      if (size > 1) reader.signed();
      for (let n = 0; n < coefficients; n++) reader.signed();
    }
  }
}

/** ITU-T H.265, 7.3.7. */
function skipReferenceSets(reader: BitReader): void {
  const MOST_SETS = 64;
  const sets = reader.unsigned();
  if (sets > MOST_SETS) throw new RangeError('the parameter set holds no such number');
  let size = 0;
  for (let n = 0; n < sets; n++) {
    if (n > 0 && reader.flag()) {
      reader.flag(); // sign
      reader.unsigned(); // distance
      let kept = 0;
      for (let picture = 0; picture <= size; picture++) {
        const isUsed = reader.flag();
        const isReferredTo = isUsed || reader.flag();
        if (isReferredTo) kept++;
      }
      size = kept;
      continue;
    }
    const [before, after] = [reader.unsigned(), reader.unsigned()];
    size = before + after;
    for (let picture = 0; picture < size; picture++) {
      reader.unsigned();
      reader.flag();
    }
  }
}
