import { describe, expect, it } from 'vitest';
import { type CodedPicture, planCut } from './plan-cut.ts';

/**
 * Pictures in decoding order, written as their place in presentation order; `!` marks IDR pictures.
 * `0! 3 1 2` is what an encoder makes of I B B P.
 */
function pictures(text: string): CodedPicture[] {
  return text
    .split(' ')
    .map((word) => ({ pts: Number.parseInt(word, 10) * 3000, isIdr: word.endsWith('!') }));
}

/** Parts as `copy 4-7 of 4-7`: ranks, then units, both with their end. */
const plan = (text: string, fromRank: number, toRank: number) =>
  planCut(pictures(text), fromRank, toRank).map(
    (part) => `${part.kind} ${part.fromRank}-${part.toRank} of ${part.firstUnit}-${part.endUnit}`,
  );

const PLAIN = '0! 1 2 3 4! 5 6 7 8! 9';
const REORDERED = '0! 3 1 2 4! 7 5 6 8! 11 9 10';
/** The picture of rank 4 is a key frame but no IDR picture: 3 is decoded after it. */
const OPEN = '0! 2 1 4 3 6 5 8! 10 9';

describe('planCut', () => {
  it.each<[string, string, number, number, string[]]>([
    ['everything', PLAIN, 0, 10, ['copy 0-10 of 0-10']],
    ['from key frame to key frame', PLAIN, 4, 8, ['copy 4-8 of 4-8']],
    ['one after a key frame', PLAIN, 5, 10, ['encode 5-8 of 4-8', 'copy 8-10 of 8-10']],
    ['one before a key frame', PLAIN, 3, 8, ['encode 3-4 of 0-4', 'copy 4-8 of 4-8']],
    ['any end, without B-frames', PLAIN, 4, 6, ['copy 4-6 of 4-6']],
    ['no key frame inside', PLAIN, 5, 7, ['encode 5-7 of 4-7']],
    ['a lone key frame', PLAIN, 8, 9, ['copy 8-9 of 8-9']],
    ['a lone other frame', PLAIN, 9, 10, ['encode 9-10 of 8-10']],
    ['an end among B-frames', REORDERED, 4, 6, ['copy 4-5 of 4-5', 'encode 5-6 of 4-7']],
    ['an end behind B-frames', REORDERED, 4, 8, ['copy 4-8 of 4-8']],
    [
      'both ends among B-frames',
      REORDERED,
      1,
      10,
      ['encode 1-4 of 0-4', 'copy 4-9 of 4-9', 'encode 9-10 of 8-11'],
    ],
    ['an open GOP is no place to begin', OPEN, 4, 7, ['encode 4-7 of 0-7']],
    ['an open GOP can be copied through', OPEN, 0, 10, ['copy 0-10 of 0-10']],
  ])('%s', (_, text, fromRank, toRank, expected) => {
    expect(plan(text, fromRank, toRank)).toEqual(expected);
  });

  it('covers every segment without a gap, and copies in whole runs', () => {
    for (const text of [PLAIN, REORDERED, OPEN]) {
      const count = text.split(' ').length;
      for (let from = 0; from < count; from++) {
        for (let to = from + 1; to <= count; to++) {
          const parts = planCut(pictures(text), from, to);
          expect(parts.map((part) => part.fromRank)).toEqual([
            from,
            ...parts.slice(0, -1).map((part) => part.toRank),
          ]);
          expect(parts.at(-1)?.toRank).toBe(to);
          for (const part of parts.filter(({ kind }) => kind === 'copy')) {
            expect(part.endUnit - part.firstUnit).toBe(part.toRank - part.fromRank);
          }
        }
      }
    }
  });
});
