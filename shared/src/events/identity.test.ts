import { describe, expect, it } from 'vitest';
import { ClipStitched } from './clip-stitched.ts';
import { eventIdOf, executionIdOf } from './identity.ts';
import { SegmentExtracted } from './segment-extracted.ts';
import { SegmentRequested } from './segment-requested.ts';

describe('executionIdOf', () => {
  const detail = { tenantId: 'acme', episodeId: 'ep1' };
  const of = (id: string, more: object = {}, replayName?: string) =>
    executionIdOf({
      id,
      detail: { ...detail, ...more },
      ...(replayName ? { 'replay-name': replayName } : {}),
    });

  it('is the same for every delivery of a begin event', () => {
    expect(of('a')).toBe(of('a'));
    expect(of('a')).not.toBe(of('b'));
  });

  it('is new for a replay, and the same for every delivery of that replay', () => {
    expect(of('a', {}, 'r1')).not.toBe(of('a'));
    expect(of('a', {}, 'r1')).toBe(of('a', {}, 'r1'));
    expect(of('a', {}, 'r2')).not.toBe(of('a', {}, 'r1'));
  });

  it('goes by the requestId where there is one: the event id differs when it was published twice', () => {
    expect(of('a', { requestId: 'r' })).toBe(of('b', { requestId: 'r' }));
    expect(of('a', { requestId: 'r' })).not.toBe(of('a', { requestId: 'r' }, 'again'));
  });

  it('cannot be had by naming the request or the event of somebody else', () => {
    const theirs = of('a', { requestId: 'daily' });
    expect(of('b', { requestId: 'daily', tenantId: 'rival' })).not.toBe(theirs);
    expect(of('b', { requestId: 'daily', episodeId: 'ep2' })).not.toBe(theirs);
    expect(of('b', { requestId: 'a' })).not.toBe(of('a'));
    expect(of('b', { requestId: 'daily', tenantId: '../acme' })).toBe(of('b', { tenantId: '' }));
  });

  it.each(['', 7, null, {}])('goes by the event where the requestId is %j', (requestId) => {
    expect(of('a', { requestId })).toBe(of('a'));
  });

  it.each([undefined, null, 'text', 42])('is there even if the detail is %j', (nothing) => {
    expect(executionIdOf({ id: 'a', detail: nothing })).toBe(of('a'));
  });
});

describe('eventIdOf', () => {
  it('tells kinds, clips and segments apart, and nothing else', () => {
    const ids = { executionId: 'e', clipId: 'c', segmentIndex: 0 };
    const all = [
      eventIdOf(SegmentRequested, ids),
      eventIdOf(SegmentExtracted, ids),
      eventIdOf(SegmentExtracted, { ...ids, segmentIndex: 1 }),
      eventIdOf(SegmentExtracted, { ...ids, clipId: 'd' }),
      eventIdOf(SegmentExtracted, { ...ids, executionId: 'f' }),
      eventIdOf(ClipStitched, { executionId: 'e', clipId: 'c' }),
    ];
    expect(new Set(all).size).toBe(all.length);
    expect(eventIdOf(SegmentExtracted, { ...ids })).toBe(all[1]);
  });
});
