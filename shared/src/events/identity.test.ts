import { describe, expect, it } from 'vitest';
import { ClipStitched } from './clip-stitched.ts';
import { eventIdOf, executionIdOf } from './identity.ts';
import { SegmentExtracted } from './segment-extracted.ts';
import { SegmentRequested } from './segment-requested.ts';

describe('executionIdOf', () => {
  it('is the same for every delivery of a begin event', () => {
    expect(executionIdOf({ id: 'a' }, undefined)).toBe(executionIdOf({ id: 'a' }, undefined));
    expect(executionIdOf({ id: 'a' }, undefined)).not.toBe(executionIdOf({ id: 'b' }, undefined));
  });

  it('is new for a replay, and the same for every delivery of that replay', () => {
    const live = executionIdOf({ id: 'a' }, undefined);
    const replayed = executionIdOf({ id: 'a', 'replay-name': 'r1' }, undefined);
    expect(replayed).not.toBe(live);
    expect(executionIdOf({ id: 'a', 'replay-name': 'r1' }, undefined)).toBe(replayed);
    expect(executionIdOf({ id: 'a', 'replay-name': 'r2' }, undefined)).not.toBe(replayed);
  });

  it('goes by the requestId where there is one: the event id differs when it was published twice', () => {
    expect(executionIdOf({ id: 'a' }, 'r')).toBe(executionIdOf({ id: 'b' }, 'r'));
    expect(executionIdOf({ id: 'a' }, 'r')).not.toBe(
      executionIdOf({ id: 'a', 'replay-name': 'again' }, 'r'),
    );
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
