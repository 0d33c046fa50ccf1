import { type ClipRecord, isTerminal } from '#shared/clip/clip-record';
import type { ErrorSummary } from '#shared/errors';
import { ExecutionFinished } from '#shared/events/execution-finished';
import { makeMeta } from '#shared/events/follow';
import { eventIdOf } from '#shared/events/identity';
import { makeEvent, publish } from '#shared/events/publish';
import type { ClipFact } from './clip-fact.ts';
import {
  countEnd,
  type ExecutionRecord,
  saveEnd,
  saveOutcome,
  saveTotal,
} from './execution-store.ts';

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
  const { processedClips, failedClips, cancelledClips, totalClips: total = Infinity } = execution;
  const isComplete = processedClips + failedClips + cancelledClips >= total;
  if (isComplete || execution.outcome) await end(context, execution);
}

/**
 * Ends an execution that was refused, or whose trigger failed, as a whole. Clips of it that are heard of
 * later have their records, but count no more.
 */
export async function failExecution(context: ExecutionContext, error: ErrorSummary): Promise<void> {
  await end(context, await saveTotal(context), error);
}

/**
 * Decides first, so that the counts cannot change any more; publishes then; and notes it last. A crash in
 * between publishes the same again, where another order could end an execution without anybody hearing of
 * it, or tell counts that turn out to be wrong.
 */
async function end(
  context: ExecutionContext,
  execution: ExecutionRecord,
  error?: ErrorSummary,
): Promise<void> {
  if (execution.status !== 'running') return;
  const isFailed = error !== undefined || execution.failedClips > 0;
  const ended = execution.outcome
    ? execution
    : await saveOutcome(context, isFailed ? 'failed' : 'completed', error);
  // Another invocation was first, and is about to publish it.
  if (!ended?.outcome) return;
  const { outcome, processedClips, failedClips, cancelledClips, totalClips = 0 } = ended;
  const { tenantId, episodeId, executionId, executionStartedAt } = context;
  if (tenantId && episodeId) {
    await publish([
      makeEvent(ExecutionFinished, {
        tenantId,
        episodeId,
        executionId,
        executionStartedAt,
        status: outcome,
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
  await saveEnd(context, outcome);
}
