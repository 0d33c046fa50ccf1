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
import { getItem } from '#shared/storage/items';
import { findBegun } from './begun-execution.ts';

type Request = DetailOf<typeof CancelClipGeneration>;

/** `Cancel Clip Generation` → `ClipGenerationCancelled`, if the clip is still being made. */
export const handler = eventHandler(CancelClipGeneration, async ({ detail, ...event }) => {
  if (event['replay-name']) {
    // The archive holds what it led to, too. Anew, it would hit whatever execution is the newest now.
    return logger.info('A cancellation is not replayed');
  }
  const executionId = await findExecution(detail);
  if (!executionId) return logger.info('The clip has ended already: nothing is cancelled');
  const { startedAt, correlationId } = await findOwn(executionId, detail);
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
});

/** @returns nothing where the clip has ended */
async function findExecution(request: Request): Promise<string | undefined> {
  const record = await getItem<ClipRecord>(tableKeys.clip(request));
  const executionId = request.executionId ?? record?.executionId;
  if (!executionId) throw notFound(request);
  const hasEnded = record?.executionId === executionId && isTerminal(record.status);
  return hasEnded ? undefined : executionId;
}

/** The execution, if it is one of this tenant and episode. */
async function findOwn(executionId: string, request: Request) {
  const begun = await findBegun(executionId);
  const isOwn = begun?.tenantId === request.tenantId && begun.episodeId === request.episodeId;
  if (!begun || !isOwn) throw notFound(request);
  return begun;
}

const notFound = ({ episodeId, clipId }: Request) =>
  new PermanentError(
    'CLIP_NOT_FOUND',
    `Nothing is being made under the name ${clipId} of episode ${episodeId}: check the ids.`,
  );
