import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSafeId } from './ids.ts';
import { objectKeys, tableKeys } from './keys.ts';

describe('isSafeId', () => {
  it.each(['a', 'episode-42', 'S01E02', 'v1.2', 'a_b', '0', 'x'.repeat(128)])('takes %s', (id) => {
    expect(isSafeId(id)).toBe(true);
  });

  it.each([
    '',
    '.',
    '..',
    'a..b',
    '../a',
    'a/b',
    'a\\b',
    'a#b',
    'a%2eb',
    '%2e%2e',
    '-a',
    '.hidden',
    'a b',
    'a\n',
    'a\u0000',
    'ä',
    'x'.repeat(129),
    42,
    null,
    undefined,
    {},
    ['a'],
  ])('refuses %j', (id) => {
    expect(isSafeId(id)).toBe(false);
  });

  it('lets nothing through that changes the shape of a key', () => {
    const ids = fc.string({ unit: 'binary', maxLength: 12 }).filter(isSafeId);
    fc.assert(
      fc.property(ids, ids, ids, (tenantId, episodeId, clipId) => {
        const key = objectKeys.clip({ episodeId, clipId });
        expect(key.split('/')).toEqual([episodeId, 'clips', clipId, 'clip.mp4']);
        expect(new URL(key, 'http://bucket/').pathname).toBe(`/${key}`);
        expect(tableKeys.clip({ tenantId, episodeId, clipId }).pk.split('#')).toEqual([
          tenantId,
          episodeId,
        ]);
      }),
    );
  });
});
