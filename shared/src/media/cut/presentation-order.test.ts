import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NotCopyableError } from '../not-copyable.ts';
import { decodeTimes, presentationRanks, reorderDelay } from './presentation-order.ts';

/** Different times in any order, as a decoder might meet them. */
const anyOrder = fc.uniqueArray(fc.integer({ min: 0, max: 2 ** 34 }), { minLength: 1 });

describe('presentationRanks', () => {
  it('tells the place of every picture', () => {
    expect(presentationRanks([0, 9000, 3000, 6000])).toEqual([0, 3, 1, 2]);
  });

  it('refuses two pictures at one time', () => {
    expect(() => presentationRanks([0, 3000, 3000])).toThrow(NotCopyableError);
  });
});

describe('decodeTimes', () => {
  it('has no delay without B-frames', () => {
    expect(decodeTimes([0, 3000, 6000], 3000)).toEqual([0, 3000, 6000]);
  });

  it('begins as many frames early as B-frames need', () => {
    const pyramid = [0, 12000, 6000, 3000, 9000];
    expect(reorderDelay(pyramid)).toBe(2);
    expect(decodeTimes(pyramid, 3000)).toEqual([-6000, -3000, 0, 3000, 6000]);
  });

  it('takes a lone frame as it comes', () => {
    expect(decodeTimes([900_000], 3000)).toEqual([900_000]);
  });

  it('rises, and never lets a picture be shown before it is decoded', () => {
    fc.assert(
      fc.property(anyOrder, (pts) => {
        const dts = decodeTimes(pts, 3000);
        dts.forEach((time, n) => {
          expect(time).toBeLessThanOrEqual(pts[n]!);
          if (n > 0) expect(time).toBeGreaterThan(dts[n - 1]!);
        });
      }),
    );
  });
});
