import { describe, expect, it } from 'vitest';
import { planCopy } from './plan-copy.ts';
import type { CodedPicture } from './plan-cut.ts';

/** Pictures in decoding order, written as their place in presentation order; `!` marks key pictures. */
function pictures(text: string): CodedPicture[] {
  return text
    .split(' ')
    .map((word) => ({ pts: Number.parseInt(word, 10) * 3000, isIdr: word.endsWith('!') }));
}

/** As ranks, then units, both with their end. */
function plan(text: string, fromRank: number, toRank: number) {
  const part = planCopy(pictures(text), fromRank, toRank);
  return `${part.fromRank}-${part.toRank} of ${part.firstUnit}-${part.endUnit}`;
}

const PLAIN = '0! 1 2 3 4! 5 6 7 8! 9 10 11';
const REORDERED = '0! 3 1 2 4! 7 5 6 8! 11 9 10';
/** 3 is decoded after the key picture 4 and shown before it: an open GOP, which HEVC can be copied from. */
const LEADING = '0! 2 1 4! 3 6 5 7';

describe('planCopy', () => {
  it.each<[string, string, number, number, string]>([
    ['between key pictures', PLAIN, 4, 8, '4-8 of 4-8'],
    ['from the nearest key picture, before', PLAIN, 5, 11, '4-11 of 4-11'],
    ['from the nearest key picture, behind', PLAIN, 3, 11, '4-11 of 4-11'],
    ['to where nothing is left out', REORDERED, 4, 6, '4-5 of 4-5'],
    ['to the nearer of two such places', REORDERED, 4, 7, '4-8 of 4-8'],
    ['to the end', REORDERED, 4, 12, '4-12 of 4-12'],
    ['of a segment without a key picture: from the one before', PLAIN, 6, 8, '4-8 of 4-8'],
    ['of a single frame', PLAIN, 6, 7, '4-7 of 4-7'],
    ['leaves out what is shown before its key picture', LEADING, 3, 8, '4-8 of 3-8'],
  ])('%s', (_, text, fromRank, toRank, expected) => {
    expect(plan(text, fromRank, toRank)).toBe(expected);
  });

  it('needs a key picture', () => {
    expect(() => plan('0 1 2', 0, 3)).toThrow('no key picture');
  });
});
