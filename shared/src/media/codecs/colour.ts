// What numbers say about colours: ITU-T H.273. Both codecs, MP4 and FFmpeg count alike.

/** What a stream says about its colours; absent where it does not say. */
export interface Colour {
  isFullRange?: boolean;
  primaries?: number;
  transfer?: number;
  matrix?: number;
}

/** The same with nothing left out. */
export interface ColourTags {
  isFullRange: boolean;
  primaries: number;
  transfer: number;
  matrix: number;
}

/** What is not told. */
export const UNSPECIFIED = 2;

/** H.273's matrices that samples are made by, as far as we tell them apart. */
export const MATRIX = {
  rgb: 0,
  bt709: 1,
  fcc: 4,
  bt470bg: 5,
  smpte170m: 6,
  smpte240m: 7,
  bt2020: 9,
} as const;
const BT2020_CONSTANT = 10;

/** H.273's transfer functions of HDR. */
export const TRANSFER = { bt709: 1, pq: 16, hlg: 18 } as const;

export const PRIMARIES_BT709 = 1;

/** Dynamic ranges, as HLS names them. */
export const VIDEO_RANGES = ['SDR', 'PQ', 'HLG'] as const;
export type VideoRange = (typeof VIDEO_RANGES)[number];

/** What H.273 reserves is as good as not told. FFmpeg refuses it. */
const RESERVED = 3;
const HIGHEST = { primaries: 22, transfer: 18, matrix: 14 } as const;

/** Colours from their code points. Missing or reserved ones are unspecified; the range is limited by default. */
export function tagsOf({ isFullRange = false, primaries, transfer, matrix }: Colour): ColourTags {
  const known = (kind: keyof typeof HIGHEST, number: number = UNSPECIFIED) => {
    const isZero = number === 0 && kind !== 'matrix';
    return isZero || number === RESERVED || number > HIGHEST[kind] ? UNSPECIFIED : number;
  };
  return {
    isFullRange,
    primaries: known('primaries', primaries),
    transfer: known('transfer', transfer),
    matrix: known('matrix', matrix),
  };
}

export const isSameColour = (one: Colour, other: Colour): boolean =>
  Object.values(tagsOf(one)).join() === Object.values(tagsOf(other)).join();

/** PQ and HLG: shown as if they were SDR, such frames look pale. */
export const isHdr = ({ transfer }: Colour): boolean =>
  transfer === TRANSFER.pq || transfer === TRANSFER.hlg;

/** If a stream does not name its matrix, players choose one by the frame size. */
const HD_HEIGHT = 720;

/** The name that FFmpeg's scaler has for a matrix; nothing where it knows none. */
export function matrixName({ matrix }: ColourTags, height: number): string | undefined {
  switch (matrix) {
    case UNSPECIFIED:
      return height >= HD_HEIGHT ? 'bt709' : 'bt601';
    case MATRIX.bt709:
      return 'bt709';
    case MATRIX.fcc:
      return 'fcc';
    case MATRIX.bt470bg:
    case MATRIX.smpte170m:
      return 'bt601';
    case MATRIX.smpte240m:
      return 'smpte240m';
    case MATRIX.bt2020:
    case BT2020_CONSTANT:
      return 'bt2020';
    default:
      return undefined;
  }
}
