import { ClipMetadata, type MetadataAnswer } from '#shared/api/clip-metadata';
import { describedOf } from '#shared/api/fields';
import { jobAnswer } from '#shared/api/job-links';
import type { RungRecord } from '#shared/clip/derivatives';
import type { ClipPicture } from '#shared/events/fields';
import { routeHandler } from '#shared/http/route-handler';
import { findJob } from '#shared/storage/jobs';
import { presign } from '#shared/storage/presign';
import { finishedClip } from './finished-file.ts';

const EXPIRES_IN_SECONDS = 6 * 3600;

/** `GET /api/v1/videos/jobs/{job_id}/metadata` */
export const handler = routeHandler(ClipMetadata, async ({ tenantId, path }, signal) => {
  const job = await findJob(tenantId, path.job_id);
  const { record, sizeBytes } = await finishedClip(job, signal);
  const {
    s3Key,
    sha256,
    media,
    receipt,
    poster,
    thumbnails = [],
    thumbnailsError,
    renditions = [],
    warnings = [],
    moreWarnings,
  } = record;
  const json: MetadataAnswer = {
    ...jobAnswer(job),
    ...describedOf(record),
    clip: { ...(await fileOf(s3Key, sizeBytes)), container: 'mp4', sha256, ...media },
    ...(poster && { poster: await pictureOf(poster) }),
    thumbnails: await Promise.all(thumbnails.map(pictureOf)),
    ...(thumbnailsError && { thumbnailsError }),
    renditions: await Promise.all(renditions.map(renditionOf)),
    warnings,
    ...(moreWarnings && { moreWarnings }),
    ...(receipt && { receipt }),
  };
  return { status: 200, json };
});

async function fileOf(s3Key: string, sizeBytes: number) {
  return { s3Key, url: await presign(s3Key, { expiresInSeconds: EXPIRES_IN_SECONDS }), sizeBytes };
}

async function pictureOf({ s3Key, fileSizeBytes, width, height, atMs }: ClipPicture) {
  return { ...(await fileOf(s3Key, fileSizeBytes)), width, height, atMs };
}

async function renditionOf(rung: RungRecord): Promise<MetadataAnswer['renditions'][number]> {
  const { name: quality, status: state } = rung;
  switch (rung.status) {
    case 'requested':
      return { quality, state };
    case 'omitted':
      return { quality, state, reason: rung.reason };
    case 'failed':
      return { quality, state, reason: rung.error };
    case 'made': {
      const { width, height, frameRate, bitrate, codecs, playlistKey, mediaKey } = rung;
      const mp4 = await fileOf(rung.s3Key, rung.fileSizeBytes);
      const shown = { width, height, frameRate, bitrate, codecs };
      return { quality, state, ...shown, mp4, hls: { playlistKey, mediaKey } };
    }
  }
}
