import { isTerminal } from '#shared/clip/clip-record';
import type { ErrorSummary } from '#shared/errors';
import { BeginClipGeneration } from '#shared/events/begin-clip-generation';
import { ClipGenerationFailed } from '#shared/events/clip-generation-failed';
import { type BusEvent, parseEnvelope } from '#shared/events/define-event';
import { makeMeta } from '#shared/events/follow';
import { executionIdOf } from '#shared/events/identity';
import { makeEvent, publish } from '#shared/events/publish';
import { isSafeId, isSafeTenantId } from '#shared/ids';
import { stableId, tableKeys } from '#shared/keys';
import { logger } from '#shared/observability/telemetry';
import { getItem } from '#shared/storage/items';
import { readFact } from './clip-fact.ts';
import { derivativesFailed } from './derivatives-failed.ts';
import { failExecution } from './end-execution.ts';
import type { ExecutionRecord } from './execution-store.ts';
import { isFailureReport, readFailureReport } from './failure-report.ts';
import { projectEvent } from './project-event.ts';

/** How a function is told apart: `<service>-<stage>-<function>`, as Lambda names it. */
const ownService = () => (process.env.AWS_LAMBDA_FUNCTION_NAME ?? '').replace(/-[^-]+$/, '-');

/**
 * Fails the clip, or the execution, whose event nobody could process; or only what was to be made of a clip that
 * is complete. Where it was the projection that failed, projects the event after all.
 * @param payload the event as the function or the rule's target had got it
 * @param target ARN of the function that should have processed it
 * @param occurredAt when that was given up, the same for every delivery of the report
 */
export async function failUnprocessed(
  payload: unknown,
  target: string,
  error: ErrorSummary,
  occurredAt: string,
): Promise<void> {
  if (!target.includes(':function:')) {
    logger.error('A notification could not be sent', { target, error, payload });
    return;
  }
  const event = parseEnvelope(payload);
  if (isFailureReport(event)) return failReported(event);
  // Only the record missed it, and the work goes on: no reason to fail, but to project it now.
  if (target.includes(`:${ownService()}`)) return projectEvent(event);
  if (event['detail-type'] === BeginClipGeneration.detailType) return failBegin(event, error);
  const failed = await derivativesFailed(event, error, occurredAt);
  if (failed.length > 0) return publish(failed);
  const fact = readFact(event);
  if (!fact || isTerminal(fact.status)) {
    // Of a clip that has ended already, only the clearing away was missed. Failing it again would come
    // back here, without end.
    logger.error('An event that no clip waits for was not processed', { target, error, payload });
    return;
  }
  const { tenantId, episodeId, clipId, executionId, executionStartedAt } = fact;
  await publish([
    makeEvent(ClipGenerationFailed, {
      tenantId,
      episodeId,
      clipId,
      executionId,
      executionStartedAt,
      error,
      meta: makeMeta(
        stableId(fact.eventId, 'unprocessed'),
        { correlationId: fact.correlationId, causationId: fact.eventId },
        occurredAt,
      ),
    }),
  ]);
}

/** The report of a failure got lost on its way: what it reports is to be said all the same. */
function failReported(report: BusEvent): Promise<void> {
  const { payload, functionArn, error, occurredAt } = readFailureReport(report);
  return failUnprocessed(payload, functionArn, error, occurredAt);
}

async function failBegin(event: BusEvent, error: ErrorSummary): Promise<void> {
  const { tenantId, episodeId } = Object(event.detail) as Record<string, unknown>;
  const executionId = executionIdOf(event);
  const execution = await getItem<ExecutionRecord>(tableKeys.execution(executionId));
  if (execution?.totalClips !== undefined) {
    // Another delivery began its clips, or this one some of them: the deadline ends what was not begun.
    logger.error('A request was begun, but not by every delivery', { executionId, error });
    return;
  }
  await failExecution(
    {
      executionId,
      executionStartedAt: new Date(event.time).toISOString(),
      correlationId: event.id,
      causationId: event.id,
      ...(isSafeTenantId(tenantId) ? { tenantId } : {}),
      ...(isSafeId(episodeId) ? { episodeId } : {}),
    },
    error,
  );
}
