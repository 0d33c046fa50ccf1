import type { Colour } from '../colour.ts';
import { BitReader } from './bit-reader.ts';

/** What a sequence parameter set says about the video, as far as cutting needs it. */
export interface SequenceParameters {
  id: number;
  /** `profile_idc`: 66 Baseline, 77 Main, 100 High. */
  profile: number;
  /** `level_idc`: ten times the level. */
  level: number;
  /** 1 is 4:2:0. */
  chromaFormat: number;
  bitDepth: number;
  isProgressive: boolean;
  /** Whether parts of a frame may be coded as fields: MBAFF. */
  isAdaptive: boolean;
  /** Whether each plane has slices of its own. */
  hasSeparatePlanes: boolean;
  /** Of a frame's number in the head of a slice. */
  frameNumberBits: number;
  /** Bits of the picture order count; absent if the stream does not code it (pic_order_cnt_type is not 0). */
  orderBits?: number;
  /** Of the picture as it is shown, in pixels. */
  width: number;
  height: number;
  maxReferenceFrames: number;
  colour: Colour;
  /** Width and height of a pixel, where the stream says so. */
  pixelShape?: readonly [width: number, height: number];
  /** How many bits precede the structure of a picture in its timing message; absent where that tells none. */
  delayBits?: number;
  /** How many pictures may precede a picture in decoding order and follow it in time; if it is told. */
  reorderFrames?: number;
}

/** Profiles whose parameter set tells the chroma format: ITU-T H.264, 7.3.2.1.1. */
const HIGH_PROFILES = [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135];

/** @throws RangeError when it is damaged */
export function parseSequenceParameters(nalUnit: Buffer): SequenceParameters {
  const reader = new BitReader(nalUnit);
  const profile = reader.bits(8);
  reader.bits(8);
  const level = reader.bits(8);
  const id = reader.unsigned();
  const samples = HIGH_PROFILES.includes(profile)
    ? readSampleFormat(reader)
    : { chromaFormat: 1, bitDepth: 8, hasSeparatePlanes: false };
  const frameNumberBits = reader.unsigned() + 4;
  const orderBits = readPictureOrderCount(reader);
  const maxReferenceFrames = reader.unsigned();
  reader.flag(); // gaps_in_frame_num_value_allowed
  const codedWidth = 16 * (reader.unsigned() + 1);
  const heightInMapUnits = reader.unsigned() + 1;
  const isProgressive = reader.flag();
  const isAdaptive = !isProgressive && reader.flag();
  reader.flag(); // direct_8x8_inference
  const cropped = readCropping(reader, samples.chromaFormat, isProgressive);
  return {
    id,
    profile,
    level,
    ...samples,
    isProgressive,
    isAdaptive,
    frameNumberBits,
    ...(orderBits === undefined ? {} : { orderBits }),
    width: codedWidth - cropped.columns,
    height: 16 * heightInMapUnits * (isProgressive ? 1 : 2) - cropped.rows,
    maxReferenceFrames,
    ...(reader.flag() ? readUsability(reader) : { colour: {} }),
  };
}

function readSampleFormat(reader: BitReader) {
  const chromaFormat = reader.unsigned();
  const hasSeparatePlanes = chromaFormat === 3 && reader.flag();
  const bitDepth = Math.max(reader.unsigned(), reader.unsigned()) + 8;
  reader.flag(); // transform bypass
  if (reader.flag()) {
    const lists = chromaFormat === 3 ? 12 : 8;
    for (let n = 0; n < lists; n++) if (reader.flag()) skipScalingList(reader, n < 6 ? 16 : 64);
  }
  return { chromaFormat, bitDepth, hasSeparatePlanes };
}

function skipScalingList(reader: BitReader, size: number): void {
  let last = 8;
  for (let n = 0; n < size; n++) {
    const next = (last + reader.signed() + 256) % 256;
    if (next === 0) return;
    last = next;
  }
}

/** Pixels cut off the coded picture, which comes in whole macroblocks: ITU-T H.264, 7.4.2.1.1. */
function readCropping(reader: BitReader, chromaFormat: number, isProgressive: boolean) {
  if (!reader.flag()) return { columns: 0, rows: 0 };
  const columnUnit = chromaFormat === 1 || chromaFormat === 2 ? 2 : 1;
  const rowUnit = (chromaFormat === 1 ? 2 : 1) * (isProgressive ? 1 : 2);
  const columns = reader.unsigned() + reader.unsigned();
  const rows = reader.unsigned() + reader.unsigned();
  return { columns: columns * columnUnit, rows: rows * rowUnit };
}

/** @returns of how many bits the place is in the order of showing, where slices tell it */
function readPictureOrderCount(reader: BitReader): number | undefined {
  const type = reader.unsigned();
  if (type === 0) return reader.unsigned() + 4;
  if (type !== 1) return undefined;
  reader.flag();
  reader.signed();
  reader.signed();
  const count = reader.unsigned();
  for (let n = 0; n < count; n++) reader.signed();
  return undefined;
}

type Usability = Pick<SequenceParameters, 'colour' | 'pixelShape' | 'delayBits' | 'reorderFrames'>;

/** The video usability information of Annex E. */
function readUsability(reader: BitReader): Usability {
  const pixelShape = reader.flag() ? readPixelShape(reader) : undefined;
  if (reader.flag()) reader.flag(); // overscan
  const colour = reader.flag() ? readColour(reader) : {};
  if (reader.flag()) {
    reader.unsigned(); // chroma location, top and bottom
    reader.unsigned();
  }
  if (reader.flag()) reader.bits(65); // timing
  const nalDelayBits = reader.flag() ? readBufferModel(reader) : undefined;
  const vclDelayBits = reader.flag() ? readBufferModel(reader) : undefined;
  const delayBits = nalDelayBits ?? vclDelayBits;
  if (delayBits !== undefined) reader.flag(); // low_delay_hrd
  const tellsStructure = reader.flag();
  const known = {
    colour,
    ...(pixelShape ? { pixelShape } : {}),
    ...(tellsStructure ? { delayBits: delayBits ?? 0 } : {}),
  };
  if (!reader.flag()) return known;
  reader.flag();
  for (let n = 0; n < 4; n++) reader.unsigned();
  return { ...known, reorderFrames: reader.unsigned() };
}

const EXTENDED_ASPECT_RATIO = 255;

/** `aspect_ratio_idc` from 1 on: ITU-T H.264, table E-1. */
const PIXEL_SHAPES: readonly (readonly [number, number])[] = [
  [1, 1],
  [12, 11],
  [10, 11],
  [16, 11],
  [40, 33],
  [24, 11],
  [20, 11],
  [32, 11],
  [80, 33],
  [18, 11],
  [15, 11],
  [64, 33],
  [160, 99],
  [4, 3],
  [3, 2],
  [2, 1],
];

export function readPixelShape(reader: BitReader): Usability['pixelShape'] {
  const number = reader.bits(8);
  if (number !== EXTENDED_ASPECT_RATIO) return PIXEL_SHAPES[number - 1];
  const [width, height] = [reader.bits(16), reader.bits(16)];
  return width > 0 && height > 0 ? [width, height] : undefined;
}

export function readColour(reader: BitReader): Colour {
  reader.bits(3); // video_format
  const isFullRange = reader.flag();
  if (!reader.flag()) return { isFullRange };
  const [primaries, transfer, matrix] = [reader.bits(8), reader.bits(8), reader.bits(8)];
  return { isFullRange, primaries, transfer, matrix };
}

/** @returns of how many bits the delays are, in messages of timing */
function readBufferModel(reader: BitReader): number {
  const count = reader.unsigned() + 1;
  reader.bits(8);
  for (let n = 0; n < count; n++) {
    reader.unsigned();
    reader.unsigned();
    reader.flag();
  }
  reader.bits(5); // initial delay
  const delayBits = reader.bits(5) + 1 + reader.bits(5) + 1;
  reader.bits(5); // time offset
  return delayBits;
}
