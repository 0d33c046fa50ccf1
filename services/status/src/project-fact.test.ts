import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ClipRecord } from '#shared/clip/clip-record';
import { DEFAULT_CUT_OPTIONS } from '#shared/events/cut-options';
import { EXAMPLE_CLIP_RECEIPT } from '#shared/events/receipt';
import type { ClipFact } from './clip-fact.ts';
import { projectFact } from './project-fact.ts';

const NOW = '2026-03-01T12:30:00.000Z';
const FIRST = { executionId: 'e1', executionStartedAt: '2026-03-01T12:00:00.000Z' };
const SECOND = { executionId: 'e2', executionStartedAt: '2026-03-01T12:10:00.000Z' };

type Kind = 'started' | 'requested' | 'extracted' | 'stitched' | 'failed';
const KINDS: Record<Kind, Pick<ClipFact, 'event' | 'status' | 'error' | 'clip' | 'request'>> = {
  started: {
    event: 'ClipGenerationStarted',
    status: 'Generation in Progress',
    request: {
      trackName: 'main',
      segments: [{ startTime: '00:00:01.000', endTime: '00:00:02.000' }],
      options: { ...DEFAULT_CUT_OPTIONS, gaps: 'skip' },
    },
  },
  requested: { event: 'SegmentRequested', status: 'Generation in Progress' },
  extracted: { event: 'SegmentExtracted', status: 'Generation in Progress' },
  stitched: {
    event: 'ClipStitched',
    status: 'Generation Complete',
    clip: {
      s3Key: 'ep1/clips/c1/clip.mp4',
      fileSizeBytes: 1234,
      sha256: 'd'.repeat(64),
      durationMs: 12_400,
      segmentCount: 1,
      totalProcessingMs: 777,
      ffmpegVersion: '5.1.9',
      receipt: EXAMPLE_CLIP_RECEIPT,
      warnings: EXAMPLE_CLIP_RECEIPT.warnings,
      moreWarnings: 2,
    } as ClipFact['clip'],
  },
  failed: {
    event: 'SegmentFailed',
    status: 'Generation Failed',
    error: { code: 'CHUNK_NOT_FOUND', message: 'gone' },
  },
};

function fact(kind: Kind, second: number, execution = FIRST): ClipFact {
  return {
    tenantId: 'acme',
    episodeId: 'ep1',
    clipId: 'c1',
    ...execution,
    eventId: `${execution.executionId}-${kind}-${second}`,
    correlationId: 'request',
    timestamp: new Date(Date.parse(execution.executionStartedAt) + second * 1000).toISOString(),
    ...KINDS[kind],
  };
}

const project = (facts: ClipFact[], record?: Partial<ClipRecord>) =>
  facts.reduce<Partial<ClipRecord> | undefined>(
    (r, f) => projectFact(r, f, NOW),
    record,
  ) as ClipRecord;

const run = [fact('started', 0), fact('requested', 1), fact('extracted', 2), fact('stitched', 3)];

describe('projectFact', () => {
  it('tells the life of a clip', () => {
    const record = project(run);
    expect(record).toMatchObject({
      status: 'Generation Complete',
      s3Key: 'ep1/clips/c1/clip.mp4',
      fileSize: 1234,
      sha256: 'd'.repeat(64),
      duration: '00:00:12',
      processingMetadata: { segmentCount: 1, totalProcessingTime: 777, ffmpegVersion: '5.1.9' },
      options: { cut: 'exact', audio: 'exact', quality: 'best', gaps: 'skip' },
      receipt: EXAMPLE_CLIP_RECEIPT,
      processedAt: run[3]!.timestamp,
      version: 4,
    });
    expect(record.statusHistory.map((entry) => entry.event)).toEqual(run.map((f) => f.event));
  });

  it('gives the same record whatever order the events come in, however often', () => {
    const deliveries = fc.shuffledSubarray([...run, ...run, ...run], {
      minLength: 12,
      maxLength: 12,
    });
    fc.assert(
      fc.property(deliveries, (facts) => {
        expect(project(facts)).toEqual(project(run));
      }),
    );
  });

  it('returns the very same record for an event it knows: nothing to write', () => {
    const record = project(run);
    expect(projectFact(record, run[1]!, 'later')).toBe(record);
  });

  it('keeps the reason of a failure', () => {
    const record = project([fact('started', 0), fact('failed', 2)]);
    expect(record.status).toBe('Generation Failed');
    expect(record.processingError).toEqual({
      code: 'CHUNK_NOT_FOUND',
      message: 'gone',
      timestamp: fact('failed', 2).timestamp,
    });
  });

  it('never takes a terminal status back within an execution', () => {
    const late = project([
      fact('failed', 2),
      fact('started', 0),
      fact('stitched', 9),
      fact('extracted', 10),
    ]);
    expect(late.status).toBe('Generation Failed');
    expect(late.statusHistory).toHaveLength(4);
    expect(late.segments).toHaveLength(1);
    expect(late.s3Key).toBeUndefined();
  });

  it('lets a newer execution begin anew, and an older one only add to the history', () => {
    const again = project([fact('started', 0), fact('failed', 2), fact('started', 0, SECOND)]);
    expect(again.status).toBe('Generation in Progress');
    expect(again.processingError).toBeUndefined();
    expect(again.processedAt).toBeUndefined();
    const straggler = project([fact('extracted', 700), fact('failed', 800)], again);
    expect(straggler.status).toBe('Generation in Progress');
    expect(straggler.executionId).toBe('e2');
    expect(straggler.statusHistory).toHaveLength(5);
  });

  it('keeps the receipt for as long as the file is there that it speaks of', () => {
    const again = project([...run, fact('started', 0, SECOND), fact('failed', 5, SECOND)]);
    expect(again).toMatchObject({ s3Key: 'ep1/clips/c1/clip.mp4', receipt: EXAMPLE_CLIP_RECEIPT });
  });

  it('has the warnings of the newest execution only', () => {
    const { warnings } = EXAMPLE_CLIP_RECEIPT;
    expect(project(run)).toMatchObject({ warnings, moreWarnings: 2 });
    const again = project([...run, fact('started', 0, SECOND)]);
    expect([again.warnings, again.moreWarnings]).toEqual([undefined, undefined]);
    const straggler = project([fact('started', 0, SECOND), ...run]);
    expect([straggler.warnings, straggler.moreWarnings]).toEqual([undefined, undefined]);
  });

  it('ends alike for two executions in any interleaving', () => {
    const second = [fact('started', 0, SECOND), fact('failed', 5, SECOND)];
    const all = [...run, ...second];
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (facts) => {
        const record = project(facts);
        expect(record.status).toBe('Generation Failed');
        expect(record.executionId).toBe('e2');
        expect(record.statusHistory).toEqual(project(all).statusHistory);
      }),
    );
  });

  it('takes over an item that upstream left as detected, and keeps what is not ours', () => {
    const detected = { clipId: 'c1', status: 'detected', score: 0.9, createdAt: 'then' };
    const record = project([fact('started', 0)], detected as never);
    expect(record).toMatchObject({
      status: 'Generation in Progress',
      score: 0.9,
      createdAt: 'then',
    });
  });
});
