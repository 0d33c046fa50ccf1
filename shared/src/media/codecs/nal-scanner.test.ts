import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitAtStartCodes } from './h264/nal-units.ts';
import { NalScanner } from './nal-scanner.ts';

/** Bytes of which many are parts of start codes, in pieces of any length. */
const pieces = fc.array(
  fc.array(fc.constantFrom(0, 0, 0, 1, 1, 2, 0x67), { minLength: 1, maxLength: 12 }),
  { maxLength: 12 },
);

describe('NAL units in pieces', () => {
  it('are those of the whole byte stream', () => {
    fc.assert(
      fc.property(pieces, (parts) => {
        const found: Buffer[] = [];
        const scanner = new NalScanner({
          isKept: () => true,
          found: (unit) => found.push(Buffer.from(unit)),
        });
        for (const part of parts) scanner.piece(Buffer.from(part), 0, part.length);
        const stream = Buffer.from(parts.flat());
        const start = stream.indexOf(Buffer.from([0, 0, 1]));
        const before = start === -1 ? stream : stream.subarray(0, start);
        expect(scanner.hasUnit).toBe(start !== -1);
        expect(scanner.hasLooseBytes).toBe(before.some((byte) => byte !== 0));
        scanner.end();
        expect(found).toEqual(splitAtStartCodes(stream));
      }),
      { numRuns: 2000 },
    );
  });

  it('are told by their beginning when no more is needed', () => {
    const heads: string[] = [];
    const scanner = new NalScanner({
      isKept: (header) => header === 0x67,
      found: (unit) => heads.push(unit.toString('hex')),
    });
    scanner.piece(Buffer.from('00000001670102030400000165', 'hex'), 0, 13);
    expect(heads).toEqual(['6701020304']);
    const slice = '88aabbcc'.padEnd(60, 'd');
    scanner.piece(Buffer.from(slice, 'hex'), 0, 30);
    expect(heads).toEqual(['6701020304', `65${slice.slice(0, 2 * 19)}`]);
    scanner.end();
    expect(heads).toHaveLength(2);
  });
});
