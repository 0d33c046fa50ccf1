import { describe, expect, it } from 'vitest';
import { episodeOfRecommendations, objectKeys, stableId, tableKeys } from './keys.ts';

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
    expect(objectKeys.segment(ids, 'ts')).toBe('ep1/clips/c1/segments/e1/3.ts');
  });

  it('find the episode of a recommendations file, and of nothing else', () => {
    expect(episodeOfRecommendations('ep1/recommendations/today.json')).toBe('ep1');
    expect(episodeOfRecommendations('ep1/recommendations/deep/today.json')).toBeUndefined();
    expect(episodeOfRecommendations('a/ep1/recommendations/today.json')).toBeUndefined();
    expect(episodeOfRecommendations('ep1/recommendations/today.txt')).toBeUndefined();
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
