import { describe, expect, it } from 'vitest';
import { frameAtMs, frameTimeMs, parseFrameRate } from './frame-rate.ts';

describe('frame rates', () => {
  it('reads whole numbers and fractions', () => {
    expect(parseFrameRate('25')).toEqual({ numerator: 25, denominator: 1 });
    expect(parseFrameRate('30000/1001')).toEqual({ numerator: 30000, denominator: 1001 });
  });

  it.each(['29.97', '', '0', '30/0', '-25', '30/1/1', ' 30'])('refuses %j', (text) => {
    expect(() => parseFrameRate(text)).toThrow(RangeError);
  });

  it('drifts from the clock as 29.97 does, and no other way', () => {
    const rate = parseFrameRate('30000/1001');
    expect(frameTimeMs(30_000, rate)).toBe(1_001_000);
    expect(frameAtMs(1_001_000, rate)).toBe(30_000);
  });
});
