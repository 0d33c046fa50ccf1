import { type JobIds, jobIdOf } from '../jobs.ts';
import type { JobAnswer } from './fields.ts';

/** A job as every route shows it. */
export function jobAnswer({ episodeId, clipId, executionId }: JobIds): JobAnswer {
  const jobId = jobIdOf({ episodeId, clipId, executionId });
  const path = (rest: string) => `/api/v1/videos/jobs/${jobId}/${rest}`;
  const links = {
    status: path('status'),
    download: path('download'),
    stream: path('stream'),
    thumbnail: path('thumbnail'),
    metadata: path('metadata'),
  };
  return { jobId, episodeId, clipId, executionId, links };
}
