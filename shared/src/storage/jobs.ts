import type { ClipRecord, StatusEntry } from '../clip/clip-record.ts';
import type { WorkDone } from '../clip/job-progress.ts';
import type { ErrorSummary } from '../errors.ts';
import { HttpProblem } from '../http/problem.ts';
import { type JobIds, jobIdOf } from '../jobs.ts';
import { tableKeys } from '../keys.ts';
import { getItem } from './items.ts';

/** What a request over HTTP was answered, from before anything has come of it. */
export interface AcceptedRequest {
  clipIds: string[];
  /** ISO 8601 */
  acceptedAt: string;
}

/** One clip in one execution, and all that is known of it. */
export interface Job extends JobIds {
  jobId: string;
  tenantId: string;
  /** The clip as its newest execution left it, which may be another one. Absent before the first event. */
  record?: ClipRecord;
  /** What happened in this execution, in time order. */
  history: readonly StatusEntry[];
  accepted?: AcceptedRequest;
  /** How far the work is that has not ended, as far as that was told. */
  workDone: WorkDone;
  /** Why nothing comes of the whole request, where that is so. */
  requestError?: ErrorSummary & { timestamp: string };
}

interface EndedExecution {
  processingError?: ErrorSummary;
  completedAt?: string;
}

/**
 * Finds a job in the tenant's own partition: under another tenant's ids there is nothing.
 * @throws HttpProblem 404 `JOB_NOT_FOUND`
 */
export async function findJob(tenantId: string, ids: JobIds): Promise<Job> {
  const owned = { tenantId, ...ids };
  const [record, accepted, workDone = {}] = await Promise.all([
    getItem<ClipRecord>(tableKeys.clip(owned)),
    getItem<AcceptedRequest>(tableKeys.accepted(owned)),
    getItem<WorkDone>(tableKeys.progress(owned)),
  ]);
  const history = (record?.statusHistory ?? []).filter(
    ({ executionId }) => executionId === ids.executionId,
  );
  const jobId = jobIdOf(ids);
  if (history.length === 0 && !accepted?.clipIds.includes(ids.clipId)) throw notFound(jobId);
  const requestError = history.length === 0 ? await findRequestError(ids.executionId) : undefined;
  return { jobId, ...owned, record, history, accepted, workDone, requestError };
}

/** A request that is refused as a whole has an execution, but no clip. */
async function findRequestError(executionId: string): Promise<Job['requestError']> {
  const execution = await getItem<EndedExecution>(tableKeys.execution(executionId));
  const { processingError, completedAt: timestamp } = execution ?? {};
  return processingError && timestamp ? { ...processingError, timestamp } : undefined;
}

const notFound = (jobId: string) =>
  new HttpProblem(404, 'JOB_NOT_FOUND', `There is no job ${jobId}: check its id.`);
