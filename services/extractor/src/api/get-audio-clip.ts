import { GetAudioClip } from '#shared/api/get-audio-clip';
import { PermanentError } from '#shared/errors';
import { HttpProblem } from '#shared/http/problem';
import { routeHandler } from '#shared/http/route-handler';
import type { MediaWarning } from '#shared/media/warnings';
import { presign } from '#shared/storage/presign';
import { audioClip } from '../audio-clips/audio-clip.ts';
import { PastEndError } from '../audio-clips/request.ts';

const EXPIRES_IN_SECONDS = 24 * 3600;

/** `GET /api/v1/audio_clips/{episode_id}` → a URL of the clip, which is cut if it was not yet. */
export const handler = routeHandler(GetAudioClip, async ({ tenantId, path, query }, signal) => {
  const { start_time_ms: startMs, duration_ms: durationMs } = query;
  const wanted = { tenantId, episodeId: path.episode_id, startMs, durationMs };
  const clip = await audioClip(wanted, { signal }).catch((error: unknown) => {
    throw asProblem(error);
  });
  const url = await presign(clip.s3Key, { expiresInSeconds: EXPIRES_IN_SECONDS });
  return {
    status: 200,
    json: {
      clip_url: url,
      cache_hit: clip.cacheHit,
      generation_time_ms: clip.generationTimeMs,
      ...(clip.warnings ? { warnings: clip.warnings.map(listed) } : {}),
    },
  };
});

const listed = ({ code, message, atMs }: MediaWarning) => ({
  code,
  message,
  ...(atMs === undefined ? {} : { at_ms: atMs }),
});

/** Names the field that does not fit. */
function asProblem(error: unknown): unknown {
  if (!(error instanceof PermanentError)) return error;
  const { code, message } = error;
  const problem = (field: string, members = {}) =>
    new HttpProblem(400, code, message, { field, members, cause: error });
  if (error instanceof PastEndError) {
    return problem('start_time_ms', { episodeDurationMs: error.episodeDurationMs });
  }
  return code === 'AUDIO_CLIP_INVALID' ? problem('duration_ms') : error;
}
