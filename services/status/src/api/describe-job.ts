import { describedOf } from '#shared/api/fields';
import { jobAnswer } from '#shared/api/job-links';
import type { JobStatusAnswer } from '#shared/api/job-status';
import { type ClipStatus, endOf, type StatusEntry } from '#shared/clip/clip-record';
import { type JobProgress, progressOf } from '#shared/clip/job-progress';
import { jobIdOf } from '#shared/jobs';
import type { Job } from '#shared/storage/jobs';

/**
 * What there is to say about a job. Pure. Of a job that a newer one has replaced, the record tells only its
 * history; the segments it was asked for are not known any more.
 */
export function describeJob(job: Job): JobStatusAnswer {
  const { record, history, accepted, requestError } = job;
  const isNewest = record?.executionId === job.executionId;
  const segmentCount = isNewest ? record.segments?.length : undefined;
  const progress: JobProgress = requestError
    ? { stage: 'failed', percentage: 0 }
    : progressOf(history, segmentCount, job.workDone);
  const end = endOf(history);
  const createdAt = accepted?.acceptedAt ?? history[0]!.timestamp;
  const processingError = requestError ?? errorOf(job, end);
  return {
    ...jobAnswer(job),
    status: requestError ? 'Generation Failed' : (end?.status ?? STATUS_OF_BEGUN),
    ...progress,
    message: messageOf(progress, history, segmentCount),
    statusHistory: history.map(({ executionId: _, ...entry }) => entry),
    ...describedOf(record),
    segments: segmentsOf(job, isNewest),
    ...warningsOf(job, isNewest),
    ...(processingError && { processingError }),
    ...(record && !isNewest && history.length > 0 && { supersededBy: jobIdOf(record) }),
    createdAt,
    updatedAt: requestError?.timestamp ?? history.at(-1)?.timestamp ?? createdAt,
  };
}

/** Also before the first event: whoever has asked for a clip need not know how that is passed on. */
const STATUS_OF_BEGUN: ClipStatus = 'Generation in Progress';

function errorOf(
  { record, executionId }: Job,
  end: StatusEntry | undefined,
): JobStatusAnswer['processingError'] {
  if (record?.executionId === executionId && record.processingError) return record.processingError;
  return end?.error && { ...end.error, timestamp: end.timestamp };
}

/** The record tells only of the newest execution. */
function warningsOf({ record }: Job, isNewest: boolean) {
  const { warnings = [], moreWarnings } = (isNewest && record) || {};
  return { warnings, ...(moreWarnings && { moreWarnings }) };
}

function segmentsOf({ record, history }: Job, isNewest: boolean): JobStatusAnswer['segments'] {
  const byIndex = new Map<number, StatusEntry[]>();
  for (const entry of history) {
    if (entry.segmentIndex === undefined) continue;
    byIndex.set(entry.segmentIndex, [...(byIndex.get(entry.segmentIndex) ?? []), entry]);
  }
  const asked = isNewest ? (record?.segments ?? []) : [];
  const indexes = asked.length > 0 ? asked.keys() : [...byIndex.keys()].sort((a, b) => a - b);
  return [...indexes].map((index) => {
    const entries = byIndex.get(index) ?? [];
    const failed = entries.find(({ event }) => event === 'SegmentFailed');
    const isExtracted = entries.some(({ event }) => event === 'SegmentExtracted');
    const { startTime, endTime } = asked[index] ?? {};
    return {
      index,
      ...(startTime && { startTime, endTime }),
      state: isExtracted ? 'extracted' : failed ? 'failed' : 'requested',
      ...(failed?.error && !isExtracted && { error: failed.error }),
    };
  });
}

function messageOf(
  { stage }: JobProgress,
  history: readonly StatusEntry[],
  segmentCount: number | undefined,
): string {
  switch (stage) {
    case 'queued':
      return 'The request was accepted and waits to be begun.';
    case 'extracting': {
      const done = history.filter(({ event }) => event === 'SegmentExtracted').length;
      return segmentCount === undefined
        ? 'Segments are being cut.'
        : `${done} of ${segmentCount} segments are cut.`;
    }
    case 'stitching':
      return 'All segments are cut; the clip is being put together.';
    case 'complete':
      return 'The clip is finished.';
    case 'failed':
      return 'The clip could not be made; processingError tells why.';
    case 'cancelled':
      return 'The clip was cancelled.';
  }
}
