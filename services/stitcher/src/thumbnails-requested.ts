import { PermanentError, summarize } from '#shared/errors';
import type { DetailOf } from '#shared/events/define-event';
import { followFinished } from '#shared/events/follow';
import { makeEvent, type OutgoingEvent, publish } from '#shared/events/publish';
import { ThumbnailsFailed } from '#shared/events/thumbnails-failed';
import { ThumbnailsMade } from '#shared/events/thumbnails-made';
import { ThumbnailsRequested } from '#shared/events/thumbnails-requested';
import { eventHandler } from '#shared/handler/event-handler';
import { tableKeys } from '#shared/keys';
import { count, logger } from '#shared/observability/telemetry';
import { findEpisode } from '#shared/storage/episodes';
import { workOnce } from '#shared/storage/work-once';
import { takeThumbnails } from './take-thumbnails.ts';

type Request = DetailOf<typeof ThumbnailsRequested>;

/** `ThumbnailsRequested` → a poster and thumbnails in S3 and `ThumbnailsMade`, or `ThumbnailsFailed`. */
export const handler = eventHandler(
  ThumbnailsRequested,
  async ({ detail }, { requestId, signal }) => {
    await findEpisode(detail);
    const key = tableKeys.thumbnails(detail);
    const outcome = await workOnce(key, requestId, () => answer(detail, signal));
    if (outcome) await publish([outcome]);
  },
);

async function answer(request: Request, signal: AbortSignal): Promise<OutgoingEvent> {
  try {
    const thumbnails = await takeThumbnails(request, signal);
    logger.info('The thumbnails are made', { ...thumbnails });
    return makeEvent(ThumbnailsMade, { ...followFinished(ThumbnailsMade, request), ...thumbnails });
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    count('ThumbnailsFailureCount');
    logger.warn('There are no thumbnails', { error });
    return makeEvent(ThumbnailsFailed, {
      ...followFinished(ThumbnailsFailed, request),
      error: summarize(error),
    });
  }
}
