import { buffer } from 'node:stream/consumers';
import { ClipThumbnail } from '#shared/api/clip-thumbnail';
import type { ClipPicture } from '#shared/events/fields';
import { HttpProblem } from '#shared/http/problem';
import { routeHandler } from '#shared/http/route-handler';
import { findJob } from '#shared/storage/jobs';
import { isMissing, type OpenedObject, openObject } from '#shared/storage/objects';
import { type FinishedRecord, finishedClip, notReady } from './finished-file.ts';

/** The picture changes when the clip is made again, which the ETag tells. */
const CACHE_CONTROL = 'private, max-age=300';

/** `GET /api/v1/videos/jobs/{job_id}/thumbnail` → a JPEG */
export const handler = routeHandler(
  ClipThumbnail,
  async ({ tenantId, path, query, headers: sent }, signal) => {
    const { record } = await finishedClip(await findJob(tenantId, path.job_id), signal);
    const { s3Key } = pictureOf(record, query.picture);
    const { body, etag = '' } = await open(s3Key, signal);
    const headers = { ETag: etag, 'Cache-Control': CACHE_CONTROL };
    if (isNamed(etag, sent['if-none-match'])) {
      body.destroy();
      return { status: 304, headers };
    }
    const jpeg = await buffer(body);
    return { status: 200, headers: { ...headers, 'Content-Type': 'image/jpeg' }, body: jpeg };
  },
);

/** @throws HttpProblem 409 with the code of what went wrong, 425 `THUMBNAIL_NOT_READY` */
function pictureOf(
  { poster, thumbnails = [], thumbnailsError: error }: FinishedRecord,
  wanted: string,
): ClipPicture {
  const picture = wanted === 'poster' ? poster : thumbnails[Number(wanted) - 1];
  if (picture) return picture;
  if (error) throw new HttpProblem(409, error.code, error.message);
  throw notReady('THUMBNAIL_NOT_READY', 'The clip’s pictures are being taken: ask again soon.');
}

async function open(key: string, signal: AbortSignal): Promise<OpenedObject> {
  try {
    return await openObject(key, signal);
  } catch (cause) {
    if (!isMissing(cause)) throw cause;
    const message = 'The picture was removed: reprocess the job to have it again.';
    throw new HttpProblem(410, 'CLIP_GONE', message, { cause });
  }
}

/** RFC 9110, 13.1.2: a list of ETags, compared weakly, or any. */
const isNamed = (etag: string, ifNoneMatch = ''): boolean =>
  ifNoneMatch.trim() === '*' ||
  ifNoneMatch.split(',').some((one) => one.trim().replace(/^W\//, '') === etag);
