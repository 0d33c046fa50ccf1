import { ReprocessJob } from '#shared/api/reprocess-job';
import { HttpProblem } from '#shared/http/problem';
import { routeHandler } from '#shared/http/route-handler';
import { findJob, type Job } from '#shared/storage/jobs';
import { requestClips } from './request-clips.ts';

/** `POST /api/v1/admin/jobs/{job_id}/reprocess` → `Begin Clip Generation` for what the job was asked to make. */
export const handler = routeHandler(ReprocessJob, async ({ tenantId, path, headers }) => {
  const job = await findJob(tenantId, path.job_id);
  const { trackName, clip } = requestOf(job);
  const [made] = await requestClips({
    tenantId,
    episodeId: job.episodeId,
    trackName,
    key: headers['idempotency-key'],
    content: job.jobId,
    fields: {},
    clips: async () => [clip],
  });
  return { status: 202, json: { job: made } };
});

function requestOf({ record, executionId, clipId, jobId }: Job) {
  if (record?.executionId === executionId && record.segments && record.trackName) {
    const { trackName, segments, options, title, description } = record;
    return { trackName, clip: { ...options, clipId, segments, title, description } };
  }
  const message =
    record && record.executionId !== executionId
      ? `A newer job has taken the place of ${jobId}: reprocess that one.`
      : `What job ${jobId} was asked to make is not known: request the clip itself.`;
  throw new HttpProblem(409, 'JOB_ENDED', message);
}
