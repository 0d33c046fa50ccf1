import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, formatTime, parseTimeMs } from './time.ts';

describe('parseTimeMs', () => {
  it.each([
    ['00:00:05', 5_000],
    ['00:05:30', 330_000],
    ['01:00:00.5', 3_600_500],
    ['1:02:03.004', 3_723_004],
    ['05:30', 330_000],
    ['7', 7_000],
    ['90.5', 90_500],
    ['00:00:12.3456', 12_346],
    ['99:59:59.999', 359_999_999],
    [' 00:00:05 ', 5_000],
    [0, 0],
    [90.5, 90_500],
    [402.25, 402_250],
    // 0.1 + 0.2 and friends: rounded, not truncated.
    [0.30000000000000004, 300],
    [1.0005, 1_001],
  ])('reads %j as %i ms', (input, ms) => {
    expect(parseTimeMs(input)).toBe(ms);
  });

  it.each([
    '',
    ':',
    'abc',
    '00:60:00',
    '00:00:60',
    '-00:00:01',
    '00:00:01,5',
    '1e3',
    '00:00:01.',
    'NaN',
    '1:2:3:4',
    '00:00:0١',
    Number.NaN,
    Number.POSITIVE_INFINITY,
    -1,
    360_001,
    '0x10',
    '00:00:01\u0000',
  ])('refuses %j', (input) => {
    expect(parseTimeMs(input)).toBeUndefined();
  });

  it('reads back whatever formatTime writes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 359_999_999 }), (ms) => {
        expect(parseTimeMs(formatTime(ms))).toBe(ms);
      }),
    );
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.double()), (input) => void parseTimeMs(input)));
  });
});

describe('formatDuration', () => {
  it.each([
    [0, '00:00:00'],
    [23_250, '00:00:23'],
    [59_500, '00:01:00'],
    [3_599_999, '01:00:00'],
  ])('writes %i ms as %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});
