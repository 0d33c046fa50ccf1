import { describe, expect, it } from 'vitest';
import { JobStatus } from '#shared/api/job-status';
import type { ClipRecord, StatusEntry } from '#shared/clip/clip-record';
import { jobIdOf } from '#shared/jobs';
import type { Job } from '#shared/storage/jobs';
import { describeJob } from './describe-job.ts';

const OLD = 'a'.repeat(32);
const NEW = 'b'.repeat(32);
const IDS = { episodeId: 'pilot', clipId: 'one' };

const entry = (executionId: string, event: string, changes: Partial<StatusEntry> = {}) => ({
  status: 'Generation in Progress' as const,
  event,
  timestamp: `2026-03-01T12:00:0${executionId === OLD ? 0 : 5}.000Z`,
  eventId: `${executionId}-${event}-${changes.segmentIndex}`,
  executionId,
  ...changes,
});

const recordOf = (changes: Partial<ClipRecord>): ClipRecord => ({
  tenantId: 'acme',
  ...IDS,
  status: 'Generation in Progress',
  statusHistory: [],
  executionId: NEW,
  executionStartedAt: '2026-03-01T12:00:05.000Z',
  segments: [
    { startTime: '00:00:01.000', endTime: '00:00:02.000' },
    { startTime: '00:00:05.000', endTime: '00:00:06.000' },
  ],
  createdAt: '2026-03-01T12:00:00.000Z',
  updatedAt: '2026-03-01T12:00:05.000Z',
  version: 1,
  ...changes,
});

function jobOf(executionId: string, changes: Partial<Job>): Job {
  const ids = { ...IDS, executionId };
  return { jobId: jobIdOf(ids), tenantId: 'acme', ...ids, history: [], workDone: {}, ...changes };
}

/** What the API promises, checked by the schema that documents it. */
function described(job: Job) {
  const answer = describeJob(job);
  expect(JobStatus.answers[200].schema.strict().parse(answer)).toEqual(answer);
  return answer;
}

const accepted = { clipIds: ['one'], acceptedAt: '2026-03-01T11:59:59.000Z' };

describe('describeJob', () => {
  it('of a request that nothing has come of yet', () => {
    expect(described(jobOf(NEW, { accepted }))).toMatchObject({
      ...{ status: 'Generation in Progress', stage: 'queued', percentage: 0 },
      ...{ statusHistory: [], segments: [], createdAt: accepted.acceptedAt },
    });
  });

  it('of a request that was refused as a whole', () => {
    const timestamp = '2026-03-01T12:00:01.000Z';
    const requestError = { code: 'FUNCTION_FAILED' as const, message: 'It crashed.', timestamp };
    const answer = described(jobOf(NEW, { accepted, requestError }));
    expect(answer).toMatchObject({ status: 'Generation Failed', stage: 'failed', percentage: 0 });
    expect(answer.processingError).toEqual(requestError);
  });

  it('tells each segment apart', () => {
    const error = { code: 'CHUNK_NOT_FOUND' as const, message: 'Chunk 3 is not there.' };
    const history = [
      entry(NEW, 'ClipGenerationStarted'),
      entry(NEW, 'SegmentExtracted', { segmentIndex: 0 }),
      entry(NEW, 'SegmentFailed', { segmentIndex: 1, error, status: 'Generation Failed' }),
    ];
    const answer = described(jobOf(NEW, { history, record: recordOf({ statusHistory: history }) }));
    expect(answer.segments).toEqual([
      { index: 0, startTime: '00:00:01.000', endTime: '00:00:02.000', state: 'extracted' },
      { index: 1, startTime: '00:00:05.000', endTime: '00:00:06.000', state: 'failed', error },
    ]);
    expect(answer.processingError).toMatchObject(error);
  });

  it('lists the warnings of the finished clip, and is not told those of another job', () => {
    const warnings = [
      {
        code: 'DEINTERLACED' as const,
        message: 'It was interlaced.',
        segmentIndex: 1,
        atMs: 5_000,
      },
    ];
    const history = [
      entry(NEW, 'ClipGenerationStarted'),
      entry(NEW, 'ClipStitched', { status: 'Generation Complete' }),
    ];
    const record = recordOf({ statusHistory: history, warnings, moreWarnings: 3 });
    expect(described(jobOf(NEW, { history, record }))).toMatchObject({ warnings, moreWarnings: 3 });
    const old = described(jobOf(OLD, { history: [entry(OLD, 'ClipGenerationStarted')], record }));
    expect(old.warnings).toEqual([]);
    expect(old).not.toHaveProperty('moreWarnings');
  });

  it('of a job that another has replaced: what it was, and by which', () => {
    const history = [
      entry(OLD, 'ClipGenerationStarted'),
      entry(OLD, 'ClipStitched', { status: 'Generation Complete' }),
    ];
    const answer = described(jobOf(OLD, { history, record: recordOf({ statusHistory: history }) }));
    expect(answer).toMatchObject({
      ...{ status: 'Generation Complete', stage: 'complete', percentage: 100, segments: [] },
      supersededBy: jobIdOf({ ...IDS, executionId: NEW }),
    });
  });
});
