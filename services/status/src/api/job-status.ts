import { JobStatus } from '#shared/api/job-status';
import { routeHandler } from '#shared/http/route-handler';
import { findJob } from '#shared/storage/jobs';
import { describeJob } from './describe-job.ts';

/** `GET /api/v1/videos/jobs/{job_id}/status` */
export const handler = routeHandler(JobStatus, async ({ tenantId, path }) => ({
  status: 200,
  json: describeJob(await findJob(tenantId, path.job_id)),
}));
