import { HttpProblem } from '#shared/http/problem';
import type { Job } from '#shared/storage/jobs';
import { sizeOf } from '#shared/storage/objects';
import { describeJob } from './describe-job.ts';

/** Clips are short: whoever asks again after this has a good chance. */
const RETRY_AFTER_SECONDS = 2;

/**
 * Where the file of a job lies, that of the newest execution which finished.
 * @returns its key
 * @throws HttpProblem 409 `CLIP_NOT_MADE`, 410 `CLIP_GONE` or 425 `CLIP_NOT_READY`
 */
export async function finishedFile(job: Job, signal: AbortSignal): Promise<string> {
  const { status, processingError } = describeJob(job);
  const { jobId, record } = job;
  if (status === 'Generation Failed' || status === 'Cancelled') {
    const why = processingError ? ` (${processingError.code}: ${processingError.message})` : '';
    const message = `Job ${jobId} ended as ${status}${why}: there is no file.`;
    throw new HttpProblem(409, 'CLIP_NOT_MADE', message);
  }
  if (status !== 'Generation Complete' || !record?.s3Key) {
    const message = `Job ${jobId} is not finished: ask again soon.`;
    const headers = { 'Retry-After': String(RETRY_AFTER_SECONDS) };
    throw new HttpProblem(425, 'CLIP_NOT_READY', message, { headers });
  }
  if ((await sizeOf(record.s3Key, signal)) === undefined) {
    const message = `The file of job ${jobId} was removed: reprocess the job to have it again.`;
    throw new HttpProblem(410, 'CLIP_GONE', message);
  }
  return record.s3Key;
}
