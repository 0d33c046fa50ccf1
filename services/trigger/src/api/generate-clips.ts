import { GenerateClips } from '#shared/api/generate-clips';
import { PermanentError } from '#shared/errors';
import { knownFieldsOf } from '#shared/events/begin-clip-generation';
import { requestedOptionsOf } from '#shared/events/cut-options';
import { routeHandler } from '#shared/http/route-handler';
import { configuredLimits } from '#shared/limits';
import { findTrack } from '#shared/storage/episodes';
import { findDetectedClipIds, readDetectedClips } from '../detected-clips.ts';
import { requestClips } from './request-clips.ts';

/** `POST /api/v1/videos/generate` → `Begin Clip Generation`, and a job for each clip. */
export const handler = routeHandler(
  GenerateClips,
  async ({ tenantId, body, headers, sentBody }) => {
    const { episodeId, trackName } = body;
    const { maxClipsPerRequest } = configuredLimits();
    const clips = (sentBody as { clips?: unknown[] }).clips?.map(knownFieldsOf);
    if (clips && clips.length > maxClipsPerRequest) throw tooMany(clips.length, maxClipsPerRequest);
    await findTrack({ tenantId, episodeId, trackName });
    const episode = { tenantId, episodeId };
    const jobs = await requestClips({
      ...episode,
      trackName,
      key: headers['idempotency-key'],
      content: sentBody,
      fields: requestedOptionsOf(body),
      async clips(acceptedIds) {
        if (clips) return clips;
        const ids = acceptedIds ?? (await findDetectedClipIds(episode, maxClipsPerRequest));
        if (ids.length === 0) throw noClips(episodeId);
        return readDetectedClips(episode, [...ids]);
      },
    });
    return { status: 202, json: { jobs } };
  },
);

const tooMany = (count: number, max: number) =>
  new PermanentError(
    'TOO_MANY_CLIPS',
    `The request lists ${count} clips, more than the ${max} allowed (maxClipsPerRequest): split it.`,
  );

const noClips = (episodeId: string) =>
  new PermanentError(
    'NO_CLIPS',
    `Episode ${episodeId} has no clips that are "detected": list the clips in the request.`,
  );
