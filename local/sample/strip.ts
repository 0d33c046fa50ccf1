import { BARCODE_HEIGHT_SHARE, drawBarcode, type GreyImage } from './barcode.ts';
import { type FrameRate, frameTimeMs } from './frame-rate.ts';
import { Lettering, textWidth } from './lettering.ts';

/** The band at the top of the picture that says which frame this is: to machines, then to people. */
export interface StripLayout {
  readonly width: number;
  readonly height: number;
  readonly barcodeHeight: number;
}

const STRIP_HEIGHT_SHARE = 0.19;
const PAPER = 24;
const INK = 226;
/** A batch keeps the number of writes low when frames are small. */
const BATCH_BYTES = 1 << 20;

/** Where the strip of a picture of this size lies. All heights are even, as 4:2:0 chroma wants. */
export function stripLayout(pictureWidth: number, pictureHeight: number): StripLayout {
  return {
    width: pictureWidth,
    height: 2 * Math.round((pictureHeight * STRIP_HEIGHT_SHARE) / 2),
    barcodeHeight: Math.round(pictureHeight * BARCODE_HEIGHT_SHARE),
  };
}

/** `HH:MM:SS.mmm` of a time. */
export function timecode(timeMs: number): string {
  const ms = Math.round(timeMs);
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  const clock = [ms / 3_600_000, (ms / 60_000) % 60, (ms / 1000) % 60].map(two).join(':');
  return `${clock}.${String(ms % 1000).padStart(3, '0')}`;
}

/** The strips of frames 0 to `frameCount` − 1 as raw 8-bit grey, a batch of frames at a time. */
export async function* drawStrips(
  layout: StripLayout,
  rate: FrameRate,
  frameCount: number,
): AsyncGenerator<Uint8Array> {
  const { width, height, barcodeHeight } = layout;
  const label = (frame: number) =>
    `${timecode(frameTimeMs(frame, rate))} #${String(frame).padStart(6, '0')}`;
  const textBand = height - barcodeHeight;
  const size = Math.min(0.6 * textBand, (0.94 * width) / textWidth(label(0)));
  const lettering = new Lettering(size, INK);
  const left = (width - textWidth(label(0)) * size) / 2;
  const top = barcodeHeight + (textBand - size) / 2;

  const frameBytes = width * height;
  const batchFrames = Math.max(1, Math.floor(BATCH_BYTES / frameBytes));
  for (let first = 0; first < frameCount; first += batchFrames) {
    const frames = Math.min(batchFrames, frameCount - first);
    const batch = new Uint8Array(frames * frameBytes).fill(PAPER);
    for (let k = 0; k < frames; k++) {
      const pixels = batch.subarray(k * frameBytes, (k + 1) * frameBytes);
      const image: GreyImage = { width, height, pixels };
      drawBarcode(image, barcodeHeight, first + k);
      lettering.write(image, label(first + k), left, top);
    }
    yield batch;
  }
}
