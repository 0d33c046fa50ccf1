import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSafeId, isSafeTenantId } from './ids.ts';
import {
  clipOfFile,
  clipsByTimeKey,
  derivedFolders,
  episodeOfRecommendations,
  executionOfDerived,
  executionsByTimeKey,
  objectKeys,
  stableId,
  tableKeys,
} from './keys.ts';

const ids = {
  tenantId: 'acme',
  episodeId: 'ep1',
  clipId: 'c1',
  executionId: 'e1',
  segmentIndex: 3,
  trackName: 'main',
};

describe('keys', () => {
  it('are those of the data model', () => {
    expect(tableKeys.episode(ids)).toEqual({ pk: 'acme#ep1', sk: 'episode' });
    expect(tableKeys.clip(ids)).toEqual({ pk: 'acme#ep1', sk: 'clip#c1' });
    expect(tableKeys.assembly(ids)).toEqual({ pk: 'acme#ep1', sk: 'assembly#c1#e1' });
    expect(tableKeys.execution('e1')).toEqual({ pk: 'processing#e1', sk: 'state' });
    expect(objectKeys.track(ids)).toBe('ep1/tracks/main/');
    expect(objectKeys.clip(ids)).toBe('ep1/clips/c1/clip.mp4');
    expect(objectKeys.keptClip(ids)).toBe('failed-uploads/ep1/c1/e1/clip.mp4');
    expect(objectKeys.segment(ids, 'mp4')).toBe('ep1/clips/c1/segments/e1/3.mp4');
  });

  it('find the episode of a recommendations file, and of nothing else', () => {
    expect(episodeOfRecommendations('ep1/recommendations/today.json')).toBe('ep1');
    expect(episodeOfRecommendations('ep1/recommendations/deep/today.json')).toBeUndefined();
    expect(episodeOfRecommendations('a/ep1/recommendations/today.json')).toBeUndefined();
    expect(episodeOfRecommendations('ep1/recommendations/today.txt')).toBeUndefined();
  });
});

describe('two things', () => {
  // The words that keys are made of, so that they meet where they can.
  const EXECUTION_IDS = ['0'.repeat(32), '1'.repeat(32)];
  const words = ['a', 'a.b', 'episode', 'clip', 'segment', 'processing', 'executions', 'running'];
  const id = fc.oneof(
    fc.constantFrom(
      ...words,
      ...EXECUTION_IDS,
      'ended',
      'state',
      'begun',
      'tracks',
      'clips',
      'failed-uploads',
    ),
    fc.string({
      unit: fc.constantFrom('a', 'b', '-', '.', '0', '/', '#'),
      minLength: 1,
      maxLength: 4,
    }),
  );
  const idSets = fc.record({
    tenantId: id.filter(isSafeTenantId),
    episodeId: id.filter(isSafeId),
    clipId: id.filter(isSafeId),
    trackName: id.filter(isSafeId),
    executionId: fc.constantFrom(...EXECUTION_IDS),
    segmentIndex: fc.nat(11),
  });
  type Ids = typeof idSets extends fc.Arbitrary<infer Value> ? Value : never;
  const STARTED = '2026-03-01T12:00:00.000Z';
  const text = ({ pk, sk }: { pk: string; sk: string }) => JSON.stringify([pk, sk]);
  const indexed = ({ GSI1PK: pk, GSI1SK: sk }: { GSI1PK: string; GSI1SK: string }) =>
    text({ pk, sk });

  /** Every kind of key, and the ids that it must tell apart. */
  const KINDS: Record<string, [(ids: Ids) => string, (keyof Ids)[]][]> = {
    'in the table': [
      [(ids) => text(tableKeys.episode(ids)), ['tenantId', 'episodeId']],
      [(ids) => text(tableKeys.clip(ids)), ['tenantId', 'episodeId', 'clipId']],
      [(ids) => text(tableKeys.assembly(ids)), ['tenantId', 'episodeId', 'clipId', 'executionId']],
      [
        (ids) => text(tableKeys.extraction(ids)),
        ['tenantId', 'episodeId', 'clipId', 'executionId'],
      ],
      [
        (ids) => text(tableKeys.segment(ids)),
        ['tenantId', 'episodeId', 'clipId', 'executionId', 'segmentIndex'],
      ],
      [
        (ids) => text(tableKeys.thumbnails(ids)),
        ['tenantId', 'episodeId', 'clipId', 'executionId'],
      ],
      [
        (ids) => text(tableKeys.rendition({ ...ids, rendition: '720p' })),
        ['tenantId', 'episodeId', 'clipId', 'executionId'],
      ],
      [(ids) => text(tableKeys.execution(ids.executionId)), ['executionId']],
      [(ids) => text(tableKeys.begun(ids.executionId)), ['executionId']],
      [
        ({ executionId, clipId }) => text(tableKeys.executionClip(executionId, clipId)),
        ['executionId', 'clipId'],
      ],
    ],
    'in its index': [
      [(ids) => indexed(clipsByTimeKey(ids, STARTED)), ['tenantId', 'episodeId', 'clipId']],
      ...(['running', 'ended'] as const).map((status): [(ids: Ids) => string, (keyof Ids)[]] => [
        (ids) => indexed(executionsByTimeKey({ ...ids, executionStartedAt: STARTED }, status)),
        ['executionId'],
      ]),
    ],
    // Without the tenant: an episodeId belongs to the one tenant whose item names it.
    'in the bucket': [
      [(ids) => objectKeys.track(ids), ['episodeId', 'trackName']],
      [(ids) => objectKeys.clip(ids), ['episodeId', 'clipId']],
      [(ids) => objectKeys.keptClip(ids), ['episodeId', 'clipId', 'executionId']],
      [
        (ids) => objectKeys.segment(ids, 'mp4'),
        ['episodeId', 'clipId', 'executionId', 'segmentIndex'],
      ],
      [(ids) => objectKeys.picture(ids, 'poster'), ['episodeId', 'clipId', 'executionId']],
      [
        (ids) => objectKeys.rendition({ ...ids, rendition: '720p' }, 'mp4'),
        ['episodeId', 'clipId', 'executionId'],
      ],
    ],
  };

  it.each(Object.entries(KINDS))('never have the same key %s', (_, kinds) => {
    const nameOf = (ids: Ids, kind: number) =>
      JSON.stringify([kind, ...kinds[kind]![1].map((name) => ids[name])]);
    fc.assert(
      fc.property(fc.array(idSets, { minLength: 2, maxLength: 12 }), (sets) => {
        const owners = new Map<string, string>();
        for (const ids of sets) {
          for (const [kind, [keyOf]] of kinds.entries()) {
            const owner = nameOf(ids, kind);
            const key = keyOf(ids);
            expect(owners.get(key) ?? owner).toBe(owner);
            owners.set(key, owner);
          }
        }
        expect(new Set(owners.values()).size).toBe(owners.size);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('keys of what is made of a finished clip', () => {
  const ids = { episodeId: 'ep1', clipId: 'c1', executionId: 'e1' };
  const picture = objectKeys.picture(ids, 'thumbnail-2');
  const rendition = objectKeys.rendition({ ...ids, rendition: '720p' }, 'm3u8');

  it('tell which execution it was, and lie in the folders that are cleared', () => {
    for (const key of [picture, rendition]) {
      expect(executionOfDerived(key)).toBe('e1');
      expect(derivedFolders(ids).filter((folder) => key.startsWith(folder))).toHaveLength(1);
    }
  });

  it('are none of the clip itself', () => {
    expect(clipOfFile(objectKeys.clip(ids))).toEqual({ episodeId: 'ep1', clipId: 'c1' });
    expect(executionOfDerived(objectKeys.clip(ids))).toBeUndefined();
    const other = objectKeys.segment({ ...ids, segmentIndex: 0 }, 'mp4');
    for (const key of [picture, rendition, other, 'clip.mp4', 'a/b/clips/c/clip.mp4']) {
      expect(clipOfFile(key)).toBeUndefined();
    }
  });
});

describe('stableId', () => {
  it('is the same for the same parts, on every machine', () => {
    expect(stableId('execution', 'abc', undefined)).toBe('8e14f6ed98f62f81a7bb412f5f94dbb9');
  });

  it('differs when the same letters are parted differently', () => {
    expect(stableId('a', 'bc')).not.toBe(stableId('ab', 'c'));
    expect(stableId('a', undefined)).not.toBe(stableId('a'));
  });
});
