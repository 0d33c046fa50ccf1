import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { idSchema, isSafeId, isSafeTenantId, tenantIdSchema } from './ids.ts';
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
    'e\u0301',
    // Look like letters, dots and slashes, and some file system or normalisation takes them for those.
    'асme',
    '．．／a',
    'a\u2024b',
    'a∕b',
    'a／b',
    'a\u200bb',
    '\u202ea',
    '\uFEFFa',
    '\u212a',
    '..%2f',
    '%2e%2e%2f',
    '%00',
    'a%00b',
    '\ud800',
    'a:b',
    'a?b',
    'a|b',
    '$a',
    'a*',
    'a"b',
    "a'b",
    'a;b',
    'x'.repeat(129),
    42,
    null,
    undefined,
    {},
    ['a'],
  ])('refuses %j', (id) => {
    expect(isSafeId(id)).toBe(false);
    expect(isSafeTenantId(id)).toBe(false);
    expect(idSchema.safeParse(id).success).toBe(false);
    expect(tenantIdSchema.safeParse(id).success).toBe(false);
  });

  it('refuses 10 MB', () => {
    expect(isSafeId('x'.repeat(10_000_000))).toBe(false);
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

describe('isSafeTenantId', () => {
  it.each(['acme', 'Processing', 'processing-1', 'executions.eu'])('takes %s', (id) => {
    expect(isSafeTenantId(id)).toBe(true);
    expect(tenantIdSchema.parse(id)).toBe(id);
  });

  it.each(['processing', 'executions'])('refuses %s, a name of the table itself', (id) => {
    expect(isSafeId(id)).toBe(true);
    expect(isSafeTenantId(id)).toBe(false);
    expect(() => tenantIdSchema.parse(id)).toThrow(/names of the table's own/);
  });
});
