import { type ClipRecord, isTerminal } from '#shared/clip/clip-record';
import type { ErrorSummary } from '#shared/errors';
import { ExecutionFinished } from '#shared/events/execution-finished';
import { makeMeta } from '#shared/events/follow';
import { eventIdOf } from '#shared/events/identity';
import { makeEvent, publish } from '#shared/events/publish';
import type { ClipFact } from './clip-fact.ts';
import { countEnd, type ExecutionRecord, saveEnd, saveTotal } from './execution-store.ts';

/** An execution and the event that was just projected. */
export interface ExecutionContext {
  executionId: string;
  executionStartedAt: string;
  tenantId?: string;
  episodeId?: string;
  correlationId: string;
  causationId: string;
}

/**
 * Counts that a fact has ended its clip, if it has. What counts is the status that the record settled
 * on, so that record and counters cannot disagree.
 */
export async function countClipEnd(
  context: ExecutionContext,
  fact: ClipFact,
  record: ClipRecord,
): Promise<void> {
  const status = record.executionId === fact.executionId ? record.status : fact.status;
  if (isTerminal(status)) await countEnd(context, fact.clipId, status);
}

/** Ends the execution once each of its clips has ended. */
export async function endWhenAllClipsEnded(
  context: ExecutionContext,
  totalClips?: number,
): Promise<void> {
  const execution = await saveTotal(context, totalClips);
  const { processedClips, failedClips, cancelledClips, totalClips: total } = execution;
  if (execution.status !== 'running' || total === undefined) return;
  if (processedClips + failedClips + cancelledClips < total) return;
  await end(context, execution);
}

/** Ends an execution that was refused, or whose trigger failed, as a whole. */
export async function failExecution(context: ExecutionContext, error: ErrorSummary): Promise<void> {
  const execution = await saveTotal(context);
  if (execution.status === 'running') await end(context, execution, error);
}

/**
 * Publishes first and notes it then: a crash in between publishes again under the same eventId, where
 * the other order could end an execution without anybody hearing of it.
 */
async function end(
  context: ExecutionContext,
  execution: ExecutionRecord,
  error?: ErrorSummary,
): Promise<void> {
  const { tenantId, episodeId, executionId, executionStartedAt } = context;
  const { processedClips, failedClips, cancelledClips, totalClips = 0 } = execution;
  const status = error || failedClips > 0 ? 'failed' : 'completed';
  if (tenantId && episodeId) {
    await publish([
      makeEvent(ExecutionFinished, {
        tenantId,
        episodeId,
        executionId,
        executionStartedAt,
        status,
        totalClips,
        processedClips,
        failedClips,
        cancelledClips,
        meta: makeMeta(eventIdOf(ExecutionFinished, { executionId }), {
          correlationId: context.correlationId,
          causationId: context.causationId,
        }),
      }),
    ]);
  }
  await saveEnd(context, status, error);
}
