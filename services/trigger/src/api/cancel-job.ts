import { CancelJob } from '#shared/api/cancel-job';
import { jobAnswer } from '#shared/api/job-links';
import { isTerminal } from '#shared/clip/clip-record';
import { CancelClipGeneration } from '#shared/events/cancel-clip-generation';
import { makeEvent, publish } from '#shared/events/publish';
import { HttpProblem } from '#shared/http/problem';
import { routeHandler } from '#shared/http/route-handler';
import { findJob } from '#shared/storage/jobs';

/** `POST /api/v1/admin/jobs/{job_id}/cancel` → `Cancel Clip Generation`, for a job that has not ended. */
export const handler = routeHandler(CancelJob, async ({ tenantId, path }) => {
  const { jobId, history, requestError } = await findJob(tenantId, path.job_id);
  if (requestError || history.some(({ status }) => isTerminal(status))) {
    throw new HttpProblem(409, 'JOB_ENDED', `Job ${jobId} has ended: nothing is left to cancel.`);
  }
  const { episodeId, clipId, executionId } = path.job_id;
  await publish([makeEvent(CancelClipGeneration, { tenantId, episodeId, clipId, executionId })]);
  return { status: 202, json: { job: jobAnswer(path.job_id) } };
});
