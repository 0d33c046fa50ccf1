import { type ClipRecord, isTerminal } from '#shared/clip/clip-record';
import { PermanentError } from '#shared/errors';
import { CancelClipGeneration } from '#shared/events/cancel-clip-generation';
import { ClipGenerationCancelled } from '#shared/events/clip-generation-cancelled';
import type { DetailOf } from '#shared/events/define-event';
import { makeMeta } from '#shared/events/follow';
import { eventIdOf } from '#shared/events/identity';
import { makeEvent, publish } from '#shared/events/publish';
import { eventHandler } from '#shared/handler/event-handler';
import { tableKeys } from '#shared/keys';
import { logger } from '#shared/observability/telemetry';
import { findEpisode } from '#shared/storage/episodes';
import { getItem } from '#shared/storage/items';
import { findBegun } from './begun-execution.ts';
import { dropCancellation, findNewest, noteCancellation } from './cancellations.ts';

type Request = DetailOf<typeof CancelClipGeneration>;

/**
 * `Cancel Clip Generation` → `ClipGenerationCancelled`, if the clip is being made. A request that has not begun is
 * cancelled when it begins.
 */
export const handler = eventHandler(CancelClipGeneration, async ({ detail, ...event }) => {
  if (event['replay-name']) {
    // The archive holds what it led to, too. Anew, it would hit whatever execution is the newest now.
    return logger.info('A cancellation is not replayed');
  }
  await findEpisode(detail);
  await noteCancellation(detail, event.time);
  const begun = await findBegunOf(detail);
  if (!begun) return logger.info('Nothing of the clip has begun: it is cancelled when it begins');
  if (begun.hasEnded) return logger.info('The clip has ended already: nothing is cancelled');
  const { executionId, startedAt, correlationId } = begun;
  const { tenantId, episodeId, clipId } = detail;
  await publish([
    makeEvent(ClipGenerationCancelled, {
      tenantId,
      episodeId,
      clipId,
      executionId,
      executionStartedAt: startedAt,
      meta: makeMeta(
        eventIdOf(ClipGenerationCancelled, { executionId, clipId }),
        { correlationId, causationId: event.id },
        // Every delivery of the request makes the same event.
        new Date(event.time).toISOString(),
      ),
    }),
  ]);
  if (!detail.executionId) await dropCancellation(detail, event.time);
});

/**
 * The execution that a cancellation is meant for: the one it names, else the newest.
 * @throws PermanentError `CLIP_NOT_FOUND` where that is another tenant's or episode's
 */
async function findBegunOf(request: Request) {
  const record = await getItem<ClipRecord>(tableKeys.clip(request));
  const newest = request.executionId ?? (await findNewest(request))?.executionId;
  const executionId = newest ?? record?.executionId;
  const begun = executionId && (await findBegun(executionId));
  if (!executionId || !begun) return undefined;
  if (begun.tenantId !== request.tenantId || begun.episodeId !== request.episodeId) {
    throw notFound(request);
  }
  const hasEnded = record?.executionId === executionId && isTerminal(record.status);
  return { ...begun, executionId, hasEnded };
}

const notFound = ({ episodeId, clipId }: Request) =>
  new PermanentError(
    'CLIP_NOT_FOUND',
    `The execution named does not make clip ${clipId} of episode ${episodeId}: check the ids.`,
  );
