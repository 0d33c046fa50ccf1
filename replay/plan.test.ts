import { describe, expect, it } from 'vitest';
import type { ReplayedExecution } from './executions.ts';
import { planReplay } from './plan.ts';

const SEGMENTS = { what: 'a: 1 of 2 segments (segmentIndex 1)', by: ['SegmentRequested'] };
const STITCH = { what: 'b: the stitch', by: ['StitchRequested'] };

function execution(change: Partial<ReplayedExecution> = {}): ReplayedExecution {
  const startedAt = '2026-03-01T12:00:00.000Z';
  return {
    record: {
      executionId: '9f2c4b7e1a5d4c3f8e6b0a1d2c3e4f5a',
      executionStartedAt: startedAt,
      correlationId: 'begin-event',
      status: 'running',
      totalClips: 2,
      processedClips: 0,
      failedClips: 0,
      cancelledClips: 0,
      startedAt,
    },
    isOriginal: true,
    tookDetected: false,
    left: [],
    ...change,
  };
}

const only =
  (...types: string[]) =>
  (type: string) =>
    types.includes(type);
const all = () => true;

describe('planReplay', () => {
  it('begins anew what began by an archived event', () => {
    expect(planReplay(execution(), only('Begin Clip Generation'))).toEqual({
      would: 'reprocess',
      what: ['a new execution over 2 clips'],
    });
  });

  it('does not begin anew what a replay began', () => {
    expect(planReplay(execution({ isOriginal: false }), all).would).toBe('nothing');
  });

  it('cannot tell how many clips will be "detected"', () => {
    const { what } = planReplay(execution({ tookDetected: true }), all);
    expect(what).toEqual(['a new execution over the clips that are "detected" by then']);
  });

  it('finishes what its events bring about, and tells what they do not', () => {
    expect(planReplay(execution({ left: [SEGMENTS, STITCH] }), only('SegmentRequested'))).toEqual({
      would: 'finish',
      what: [SEGMENTS.what, `still missing: ${STITCH.what}`],
    });
    expect(planReplay(execution({ left: [STITCH] }), only('SegmentRequested'))).toEqual({
      would: 'nothing',
      what: [`still missing: ${STITCH.what}`],
    });
  });

  it('does both where everything is replayed', () => {
    expect(planReplay(execution({ left: [SEGMENTS] }), all).would).toBe('reprocess and finish');
  });
});
