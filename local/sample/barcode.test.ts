import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BARCODE_BLOCKS,
  BARCODE_LIMIT,
  BARCODE_THUMB,
  drawBarcode,
  readBarcode,
} from './barcode.ts';

const anyFrame = fc.integer({ min: 0, max: BARCODE_LIMIT - 1 });

function thumbOf(frame: number): Uint8Array {
  const { width, height } = BARCODE_THUMB;
  const pixels = new Uint8Array(width * height);
  drawBarcode({ width, height, pixels }, height, frame);
  return pixels;
}

describe('the barcode', () => {
  it('says every number', () => {
    fc.assert(
      fc.property(anyFrame, (frame) => {
        expect(readBarcode(thumbOf(frame))).toBe(frame);
      }),
    );
  });

  it('survives another brightness, another contrast and noise', () => {
    fc.assert(
      fc.property(
        anyFrame,
        fc.infiniteStream(fc.integer({ min: -20, max: 20 })),
        (frame, noise) => {
          const worn = thumbOf(frame).map((grey) => 40 + grey * 0.6 + noise.next().value);
          expect(readBarcode(worn)).toBe(frame);
        },
      ),
    );
  });

  it('does not guess: a block that has turned over makes it unreadable', () => {
    fc.assert(
      fc.property(anyFrame, fc.integer({ min: 0, max: BARCODE_BLOCKS - 1 }), (frame, block) => {
        const damaged = thumbOf(frame).map((grey, at) =>
          Math.floor((at % BARCODE_THUMB.width) / 4) === block ? 244 - grey : grey,
        );
        expect(readBarcode(damaged)).toBeUndefined();
      }),
    );
  });

  it.each([0, 16, 128, 255])('reads nothing in a plain picture of grey %i', (grey) => {
    const plain = new Uint8Array(BARCODE_THUMB.width * BARCODE_THUMB.height).fill(grey);
    expect(readBarcode(plain)).toBeUndefined();
  });

  it.each([-1, 0.5, BARCODE_LIMIT])('cannot say %d', (frame) => {
    expect(() => thumbOf(frame)).toThrow(RangeError);
  });
});
