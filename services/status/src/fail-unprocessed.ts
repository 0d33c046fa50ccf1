import type { ErrorSummary } from '#shared/errors';
import { BeginClipGeneration } from '#shared/events/begin-clip-generation';
import { type BusEvent, parseEnvelope } from '#shared/events/define-event';
import { executionIdOf } from '#shared/events/identity';
import { isSafeId } from '#shared/ids';
import { stableId } from '#shared/keys';
import { logger } from '#shared/observability/telemetry';
import { type ClipFact, readFact } from './clip-fact.ts';
import { saveFact } from './clip-store.ts';
import { countClipEnd, endWhenAllClipsEnded, failExecution } from './end-execution.ts';

/** How a function is told apart: `<service>-<stage>-<function>`, as Lambda names it. */
const ownService = () => (process.env.AWS_LAMBDA_FUNCTION_NAME ?? '').replace(/-[^-]+$/, '-');

/**
 * Fails the clip, or the execution, whose event nobody could process.
 * @param payload the event as the function or the rule's target had got it
 * @param target ARN of the function that should have processed it
 * @param reportedBy name of the event that reports the failure, for the history
 */
export async function failUnprocessed(
  payload: unknown,
  target: string,
  error: ErrorSummary,
  reportedBy: string,
): Promise<void> {
  if (target.includes(`:${ownService()}`)) {
    // Only the record missed it: the work goes on, and the archive still has the event to replay.
    logger.error('An event could not be projected', { target, error, payload });
    return;
  }
  const event = parseEnvelope(payload);
  if (event['detail-type'] === BeginClipGeneration.detailType) return failBegin(event, error);
  const fact = readFact(event);
  if (!fact) {
    logger.error('An event that is about no clip was not processed', { target, error, payload });
    return;
  }
  const failure: ClipFact = {
    ...fact,
    event: reportedBy,
    eventId: stableId(fact.eventId, 'unprocessed'),
    timestamp: new Date().toISOString(),
    status: 'Generation Failed',
    request: undefined,
    clip: undefined,
    error,
  };
  const context = { ...failure, correlationId: event.id, causationId: fact.eventId };
  await countClipEnd(context, failure, await saveFact(failure));
  await endWhenAllClipsEnded(context);
}

async function failBegin(event: BusEvent, error: ErrorSummary): Promise<void> {
  const { tenantId, episodeId, requestId } = Object(event.detail) as Record<string, unknown>;
  const executionId = executionIdOf(event, typeof requestId === 'string' ? requestId : undefined);
  await failExecution(
    {
      executionId,
      executionStartedAt: new Date(event.time).toISOString(),
      correlationId: event.id,
      causationId: event.id,
      ...(isSafeId(tenantId) ? { tenantId } : {}),
      ...(isSafeId(episodeId) ? { episodeId } : {}),
    },
    error,
  );
}
