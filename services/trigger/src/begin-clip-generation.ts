import type { Context } from 'aws-lambda';
import { PermanentError, summarize } from '#shared/errors';
import { BeginClipGeneration } from '#shared/events/begin-clip-generation';
import { requestedOptionsOf } from '#shared/events/cut-options';
import {
  type BusEvent,
  type DetailOf,
  parseEnvelope,
  parseEvent,
} from '#shared/events/define-event';
import { executionIdOf } from '#shared/events/identity';
import { type OutgoingEvent, publish } from '#shared/events/publish';
import { correlate } from '#shared/handler/event-handler';
import { instrumented } from '#shared/handler/middleware';
import { isSafeId, isSafeTenantId } from '#shared/ids';
import { configuredLimits, type Limits } from '#shared/limits';
import { count, logger } from '#shared/observability/telemetry';
import { findTrack } from '#shared/storage/episodes';
import { beginOnce, findBegun } from './begun-execution.ts';
import { cancelPlanned, startedClips } from './cancel-planned.ts';
import { findCancelled, noteNewest } from './cancellations.ts';
import { findDetectedClipIds, readDetectedClips } from './detected-clips.ts';
import { planExecution, rejectExecution } from './plan-execution.ts';

type Request = DetailOf<typeof BeginClipGeneration>;

/**
 * `Begin Clip Generation` → per clip `ClipGenerationStarted` and a `SegmentRequested` per segment, or
 * `ClipGenerationRejected`. Unlike our own events this one comes from outside: what does not fit is
 * answered on the bus, where its sender can see it.
 */
export const handler = instrumented().handler(async (input: unknown, _context: Context) => {
  const event = parseEnvelope(input);
  correlate(event);
  const events = await answer(event);
  count('ClipGenerationRejectedCount', events.filter(isRejection).length);
  await publish(events);
  logger.info('The request was answered', { events: events.length });
});

const isRejection = (event: OutgoingEvent) => event.detailType === 'ClipGenerationRejected';

async function answer(event: BusEvent): Promise<OutgoingEvent[]> {
  const executionId = executionIdOf(event);
  const origin = { executionId, correlationId: event.id, causationId: event.id };
  try {
    const { detail } = parseEvent(BeginClipGeneration, event);
    return await plan(detail, origin, event);
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    logger.warn('The request was rejected', { error });
    const ids = trustedIds(event.detail);
    const { startedAt } = await beginOnce({ ...ids, ...origin }, undefined);
    const who = { ...ids, ...origin, executionStartedAt: startedAt };
    return [rejectExecution(who, summarize(error))];
  }
}

/** Of a replayed request, the `detected` clips that it took on in its first life: they are not that any more. */
async function takenBefore(event: BusEvent): Promise<string[] | undefined> {
  if (!event['replay-name']) return undefined;
  const original = await findBegun(executionIdOf({ ...event, 'replay-name': undefined }));
  return original?.detectedClipIds;
}

async function plan(
  request: Request,
  origin: { executionId: string; correlationId: string; causationId: string },
  event: BusEvent,
): Promise<OutgoingEvent[]> {
  await findTrack(request);
  const limits = configuredLimits();
  assertClipCount(request, limits);
  const begun = await beginOnce(
    { tenantId: request.tenantId, episodeId: request.episodeId, ...origin },
    request.clips
      ? undefined
      : async () =>
          (await takenBefore(event)) ?? findDetectedClipIds(request, limits.maxClipsPerRequest),
  );
  const clips = request.clips ?? (await readDetectedClips(request, begun.detectedClipIds ?? []));
  if (clips.length === 0) {
    throw new PermanentError(
      'NO_CLIPS',
      request.clips
        ? 'The request lists no clips: give at least one, or leave "clips" out to make the detected ones.'
        : `Episode ${request.episodeId} has no clips that are "detected": list the clips in the request.`,
    );
  }
  const { tenantId, episodeId, trackName } = request;
  const execution = {
    tenantId,
    episodeId,
    trackName,
    options: requestedOptionsOf(request),
    executionStartedAt: begun.startedAt,
    ...origin,
  };
  return withoutCancelled(planExecution(execution, clips, limits), event);
}

/** Leaves out what was cancelled before it began; from here on, a cancellation finds what has begun. */
async function withoutCancelled(
  planned: readonly OutgoingEvent[],
  { time, 'replay-name': replayName }: BusEvent,
): Promise<OutgoingEvent[]> {
  const started = startedClips(planned);
  const [first] = started;
  if (!first) return [...planned];
  await Promise.all(started.map((clip) => noteNewest(clip, clip)));
  const requestedAt = replayName ? undefined : time;
  const cancelled = await findCancelled({ ...first, requestedAt });
  if (cancelled.size > 0) logger.info('Clips were cancelled already', { clipIds: [...cancelled] });
  return cancelPlanned(planned, cancelled);
}

function assertClipCount({ clips = [] }: Request, { maxClipsPerRequest }: Limits): void {
  if (clips.length <= maxClipsPerRequest) return;
  throw new PermanentError(
    'TOO_MANY_CLIPS',
    `The request lists ${clips.length} clips, more than the ${maxClipsPerRequest} allowed (maxClipsPerRequest): split it, or raise maxClipsPerRequest.`,
  );
}

/** The ids of a request that does not fit, as far as they can be used. */
function trustedIds(detail: unknown): { tenantId?: string; episodeId?: string } {
  const { tenantId, episodeId } = Object(detail) as Record<string, unknown>;
  return {
    ...(isSafeTenantId(tenantId) ? { tenantId } : {}),
    ...(isSafeId(episodeId) ? { episodeId } : {}),
  };
}
