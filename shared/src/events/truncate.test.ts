import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { truncate } from './truncate.ts';

describe('truncate', () => {
  it('leaves alone what fits', () => {
    expect(truncate('', 5)).toBe('');
    expect(truncate('abcde', 5)).toBe('abcde');
    expect(truncate('añb', 4)).toBe('añb');
  });

  it('marks where it cut', () => {
    expect(truncate('abcdefgh', 6)).toBe('abc…');
    expect(truncate('ab\n\n\n', 7)).toBe('ab\n…');
  });

  it('never cuts through a character', () => {
    expect(truncate('a😀😀😀', 9)).toBe('a😀…');
  });

  it('keeps to the limit as JSON counts, whatever the text', () => {
    const texts = fc.string({ unit: 'binary', maxLength: 60 });
    fc.assert(
      fc.property(texts, fc.integer({ min: 3, max: 80 }), (text, max) => {
        const cut = truncate(text, max);
        expect(Buffer.byteLength(JSON.stringify(cut)) - 2).toBeLessThanOrEqual(max);
        if (cut !== text) expect(text.startsWith(cut.slice(0, -1))).toBe(true);
      }),
    );
  });
});
