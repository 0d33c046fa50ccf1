import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesWildcard } from './wildcard.ts';

describe('matchesWildcard', () => {
  it.each([
    ['*', '', true],
    ['s3:Get*', 's3:GetObject', true],
    ['s3:Get*', 's3:PutObject', false],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['arn:aws:s3:::b/*/clips/*', 'arn:aws:s3:::b/e1/x/clips/clip.mp4', true],
    ['arn:aws:s3:::b/*/clips/*', 'arn:aws:s3:::b/clips/clip.mp4', false],
    ['a.c', 'abc', false],
    ['*aab', 'aaaab', true],
  ])('%s on %s is %s', (pattern, text, expected) => {
    expect(matchesWildcard(pattern, text)).toBe(expected);
  });

  it('agrees with the regular expression of the same meaning', () => {
    const letters = (...extra: string[]) =>
      fc.array(fc.constantFrom('a', 'b', '.', ...extra), { maxLength: 10 }).map((l) => l.join(''));
    fc.assert(
      fc.property(letters('*', '?'), letters(), (pattern, text) => {
        const source = pattern.replace(/[.]/g, '\\.').replace(/\*/g, '.*').replace(/\?/g, '.');
        expect(matchesWildcard(pattern, text)).toBe(new RegExp(`^${source}$`).test(text));
      }),
    );
  });
});
