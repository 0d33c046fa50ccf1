import { DownloadClip } from '#shared/api/download-clip';
import { routeHandler } from '#shared/http/route-handler';
import { findJob } from '#shared/storage/jobs';
import { presign } from '#shared/storage/presign';
import { finishedClip } from './finished-file.ts';

/** Long enough to begin; a download that has begun goes on. */
const EXPIRES_IN_SECONDS = 15 * 60;

/** `GET /api/v1/videos/jobs/{job_id}/download` → the file, served by S3. */
export const handler = routeHandler(DownloadClip, async ({ tenantId, path }, signal) => {
  const { record } = await finishedClip(await findJob(tenantId, path.job_id), signal);
  const { episodeId, clipId } = path.job_id;
  const url = await presign(record.s3Key, {
    expiresInSeconds: EXPIRES_IN_SECONDS,
    fileName: `${episodeId}-${clipId}.mp4`,
  });
  return { status: 302, headers: { Location: url } };
});
