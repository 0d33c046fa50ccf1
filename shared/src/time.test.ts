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
    -0.0001,
    Number.MAX_VALUE,
  ])('refuses %j', (input) => {
    expect(parseTimeMs(input)).toBeUndefined();
  });

  it.each(['9', ' ', ':', '0:', '.0'])('refuses 10 MB of %j', (text) => {
    expect(parseTimeMs(text.repeat(10_000_000 / text.length))).toBeUndefined();
  });

  it('reads back whatever formatTime writes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 359_999_999 }), (ms) => {
        expect(parseTimeMs(formatTime(ms))).toBe(ms);
      }),
    );
  });

  it('gives whole milliseconds of at most 100 hours, or nothing, whatever comes in', () => {
    const clockLike = fc
      .array(fc.oneof(fc.constantFrom(':', '.', '-', '+', ' ', 'e', '0x', '٣', '\0'), fc.nat(99)), {
        maxLength: 9,
      })
      .map((parts) => parts.join(''));
    const inputs = fc.oneof(clockLike, fc.string({ unit: 'binary' }), fc.double(), fc.integer());
    fc.assert(
      fc.property(inputs, (input) => {
        const ms = parseTimeMs(input);
        if (ms === undefined) return;
        expect(Number.isSafeInteger(ms) && ms >= 0 && ms <= 360_000_000).toBe(true);
        expect(Object.is(ms, -0)).toBe(false);
      }),
      { numRuns: 5_000 },
    );
  });

  it('reads seconds alike, as a number and as text', () => {
    fc.assert(
      fc.property(fc.nat(359_999_999), (ms) => {
        expect(parseTimeMs(ms / 1000)).toBe(ms);
        expect(parseTimeMs((ms / 1000).toFixed(3))).toBe(ms);
      }),
    );
  });
});

describe('formatTime', () => {
  it('counts on in hours, however long', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (ms) => {
        const [, hours, minutes, seconds] = /^(\d{2,}):([0-5]\d):([0-5]\d\.\d{3})$/.exec(
          formatTime(ms),
        )!;
        const whole = BigInt(hours!) * 3_600_000n + BigInt(minutes!) * 60_000n;
        expect(whole + BigInt(seconds!.replace('.', ''))).toBe(BigInt(ms));
      }),
    );
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
