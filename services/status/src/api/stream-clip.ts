import { HLS_CONTENT_TYPE, StreamClip } from '#shared/api/stream-clip';
import type { RouteAnswer } from '#shared/http/route';
import { routeHandler } from '#shared/http/route-handler';
import { masterPlaylist, pointingTo } from '#shared/media/ladder/playlists';
import { findJob } from '#shared/storage/jobs';
import { readText } from '#shared/storage/objects';
import { presign } from '#shared/storage/presign';
import { type FinishedRecord, finishedClip, notReady } from './finished-file.ts';
import { type MadeRung, madeRungs, rungOf } from './qualities.ts';

/** A player may be paused for a while. */
const EXPIRES_IN_SECONDS = 6 * 3600;
/** Of a clip of some hours. */
const MAX_PLAYLIST_BYTES = 1 << 20;

/**
 * `GET /api/v1/videos/jobs/{job_id}/stream` → MP4, served by S3; or a playlist. Chunks are at signed URLs, which need
 * no token; the playlists that a master playlist names are at this same route, and need one.
 */
export const handler = routeHandler(StreamClip, async ({ tenantId, path, query }, signal) => {
  const { record } = await finishedClip(await findJob(tenantId, path.job_id), signal);
  const { quality, format } = query;
  if (format === 'hls') {
    return quality === undefined
      ? playlist(master(record))
      : playlist(await media(rungOf(record, quality), signal));
  }
  const isItself = quality === undefined || quality === 'source';
  const s3Key = isItself ? record.s3Key : rungOf(record, quality).s3Key;
  const url = await presign(s3Key, { expiresInSeconds: EXPIRES_IN_SECONDS });
  return { status: 302, headers: { Location: url } };
});

const playlist = (body: string): RouteAnswer => ({
  status: 200,
  headers: { 'Content-Type': HLS_CONTENT_TYPE },
  body,
});

function master(record: FinishedRecord): string {
  const rungs = madeRungs(record);
  if (rungs.length > 0) {
    return masterPlaylist(rungs, ({ name }) => `stream?quality=${name}&format=hls`);
  }
  // Says why there will be none, where that is known.
  rungOf(record, 'source');
  throw notReady('RENDITION_NOT_READY', 'The clip is not there as HLS yet: ask again soon.');
}

async function media({ playlistKey, mediaKey }: MadeRung, signal: AbortSignal): Promise<string> {
  const [text, url] = await Promise.all([
    readText(playlistKey, MAX_PLAYLIST_BYTES, signal),
    presign(mediaKey, { expiresInSeconds: EXPIRES_IN_SECONDS }),
  ]);
  return pointingTo(text, url);
}
