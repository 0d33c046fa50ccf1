/**
 * The frame number as 24 blocks along the top edge of the picture, light for 1:
 *
 *     block   0   1   2 … 21                            22       23
 *            [1] [0] [number, lowest bit first]  [parity] [1]
 *
 * Its height is a fraction of the picture's, so that it is found again after any scaling.
 */
export const BARCODE_BLOCKS = 24;
const NUMBER_BITS = 20;
const PARITY_BLOCK = BARCODE_BLOCKS - 2;

/** Frame numbers from here on do not fit: 9.7 hours at 30 frames per second. */
export const BARCODE_LIMIT = 2 ** NUMBER_BITS;
/** The barcode's share of the picture's height. */
export const BARCODE_HEIGHT_SHARE = 1 / 15;

/** Luma of a block; studio range, and a little short of its ends so as not to glare. */
const LIGHT = 214;
const DARK = 30;
/** Sync blocks closer than this are no barcode. */
const LEAST_CONTRAST = 60;
/** The middle of the range of a block's level, as a share, that decides nothing. */
const UNSURE_FROM = 0.35;
const UNSURE_TO = 0.65;

/** A picture with one byte of luma per pixel, row by row. */
export interface GreyImage {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

/** Draws `frame` over the image's whole width, from its top down to row `height`. */
export function drawBarcode(image: GreyImage, height: number, frame: number): void {
  const blocks = blocksOf(frame);
  const row = image.pixels.subarray(0, image.width);
  for (let x = 0; x < image.width; x++) {
    row[x] = blocks[Math.floor((x * BARCODE_BLOCKS) / image.width)] ? LIGHT : DARK;
  }
  for (let y = 1; y < height; y++) image.pixels.set(row, y * image.width);
}

/** Size of the picture {@link readBarcode} wants: the barcode, scaled by averaging. */
export const BARCODE_THUMB = { width: BARCODE_BLOCKS * 4, height: 4 };

/** The frame number in a barcode scaled to {@link BARCODE_THUMB}; `undefined` if there is none. */
export function readBarcode(thumb: Uint8Array): number | undefined {
  const level = (block: number) => {
    // The inner 2×2 of the block's 4×4 pixels: its edges bleed into their neighbours.
    const corner = BARCODE_THUMB.width + block * 4 + 1;
    const below = corner + BARCODE_THUMB.width;
    return (thumb[corner]! + thumb[corner + 1]! + thumb[below]! + thumb[below + 1]!) / 4;
  };
  const light = (level(0) + level(BARCODE_BLOCKS - 1)) / 2;
  const dark = level(1);
  if (!(light - dark >= LEAST_CONTRAST)) return undefined;

  const shares = Array.from(
    { length: BARCODE_BLOCKS },
    (_, block) => (level(block) - dark) / (light - dark),
  );
  if (shares.some((share) => share > UNSURE_FROM && share < UNSURE_TO)) return undefined;
  const read = shares.map((share) => share >= UNSURE_TO);
  const frame = read
    .slice(2, PARITY_BLOCK)
    .reduce((number, bit, place) => number + (bit ? 2 ** place : 0), 0);
  return blocksOf(frame).every((block, n) => block === read[n]) ? frame : undefined;
}

function blocksOf(frame: number): boolean[] {
  if (!Number.isInteger(frame) || frame < 0 || frame >= BARCODE_LIMIT) {
    throw new RangeError(`Frame ${frame} does not fit the barcode (0 to ${BARCODE_LIMIT - 1}).`);
  }
  const bits = Array.from({ length: NUMBER_BITS }, (_, bit) => ((frame >>> bit) & 1) === 1);
  const parity = bits.filter(Boolean).length % 2 === 1;
  return [true, false, ...bits, parity, true];
}
