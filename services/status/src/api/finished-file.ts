import type { ClipRecord } from '#shared/clip/clip-record';
import { HttpProblem, type ProblemCode } from '#shared/http/problem';
import type { Job } from '#shared/storage/jobs';
import { sizeOf } from '#shared/storage/objects';
import { describeJob } from './describe-job.ts';

/** Clips are short: whoever asks again after this has a good chance. */
const RETRY_AFTER_SECONDS = 2;

/** The record of a clip whose file is there. */
export type FinishedRecord = ClipRecord & { s3Key: string };

/**
 * The record of a job's file, that of the newest execution which finished.
 * @throws HttpProblem 409 `CLIP_NOT_MADE`, 410 `CLIP_GONE` or 425 `CLIP_NOT_READY`
 */
export async function finishedClip(
  job: Job,
  signal: AbortSignal,
): Promise<{ record: FinishedRecord; sizeBytes: number }> {
  const { status, processingError } = describeJob(job);
  const { jobId, record } = job;
  if (status === 'Generation Failed' || status === 'Cancelled') {
    const why = processingError ? ` (${processingError.code}: ${processingError.message})` : '';
    const message = `Job ${jobId} ended as ${status}${why}: there is no file.`;
    throw new HttpProblem(409, 'CLIP_NOT_MADE', message);
  }
  if (status !== 'Generation Complete' || !record?.s3Key) {
    throw notReady('CLIP_NOT_READY', `Job ${jobId} is not finished: ask again soon.`);
  }
  const sizeBytes = await sizeOf(record.s3Key, signal);
  if (sizeBytes === undefined) {
    const message = `The file of job ${jobId} was removed: reprocess the job to have it again.`;
    throw new HttpProblem(410, 'CLIP_GONE', message);
  }
  return { record: { ...record, s3Key: record.s3Key }, sizeBytes };
}

/** 425: something that is under way. */
export const notReady = (code: ProblemCode, message: string): HttpProblem =>
  new HttpProblem(425, code, message, { headers: { 'Retry-After': String(RETRY_AFTER_SECONDS) } });
