import { paginateQuery } from '@aws-sdk/lib-dynamodb';
import { dynamodb } from '#shared/aws/dynamodb';
import { environment, numberVariable } from '#shared/environment';
import { ClipGenerationFailed } from '#shared/events/clip-generation-failed';
import { makeMeta } from '#shared/events/follow';
import { eventIdOf } from '#shared/events/identity';
import { makeEvent, publish } from '#shared/events/publish';
import { instrumented } from '#shared/handler/middleware';
import { executionsByTimeKey, tableKeys } from '#shared/keys';
import { count, logger } from '#shared/observability/telemetry';
import { getItem } from '#shared/storage/items';
import { failExecution } from './end-execution.ts';
import type { ExecutionRecord } from './execution-store.ts';
import { findStarted, type StartedClip } from './started-clips.ts';

const DEFAULT_DEADLINE_MINUTES = 120;

/**
 * Every few minutes → clips of executions past their deadline become `Generation Failed`: whatever got
 * lost, no clip stays in progress for ever. What ends them is an event like any other, so that the other
 * services drop what they have of them, and a sweep that is repeated changes nothing.
 * @throws the first error, once all other executions have been seen to: an alarm goes by it
 */
export const handler = instrumented().handler(async () => {
  const minutes = numberVariable('EXECUTION_DEADLINE_MINUTES', DEFAULT_DEADLINE_MINUTES);
  const deadlineMs = minutes * 60_000;
  const begunBefore = new Date(Date.now() - deadlineMs).toISOString();
  const errors: unknown[] = [];
  for await (const execution of runningSince(begunBefore)) {
    try {
      await failOverdue(execution, deadlineMs);
    } catch (error) {
      const { executionId } = execution;
      logger.error('An overdue execution could not be failed', { executionId, error });
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
});

async function* runningSince(begunBefore: string): AsyncGenerator<ExecutionRecord> {
  const { GSI1PK, GSI1SK } = executionsByTimeKey(
    { executionId: '', executionStartedAt: begunBefore },
    'running',
  );
  const pages = paginateQuery(
    { client: dynamodb },
    {
      TableName: environment.tableName(),
      IndexName: 'GSI1',
      KeyConditionExpression: 'GSI1PK = :running AND GSI1SK < :before',
      ExpressionAttributeValues: { ':running': GSI1PK, ':before': GSI1SK },
    },
  );
  for await (const page of pages) {
    for (const { executionId } of page.Items ?? []) {
      // The index lags behind the table.
      const execution = await getItem<ExecutionRecord>(tableKeys.execution(String(executionId)));
      if (execution?.status === 'running') yield execution;
    }
  }
}

async function failOverdue(execution: ExecutionRecord, deadlineMs: number): Promise<void> {
  const { executionId, executionStartedAt, correlationId, endedClips } = execution;
  const deadline = new Date(Date.parse(executionStartedAt) + deadlineMs).toISOString();
  const started = await findStarted(executionId);
  const inProgress = started.filter(({ clipId }) => !endedClips?.has(clipId));
  count('TimedOutClipCount', inProgress.length);
  logger.error('An execution is overdue', { executionId, deadline, inProgress });
  const error = (what: string) => ({
    code: 'TIMED_OUT' as const,
    message: `${what} by the deadline, ${deadline}: look for the ids in the logs, then request it again.`,
  });
  if (inProgress.length === 0) {
    // Some of its clips were never heard of.
    const context = { ...execution, causationId: correlationId };
    return failExecution(context, error('Not all clips of the execution were begun'));
  }
  const failed = ({ tenantId, episodeId, clipId }: StartedClip) =>
    makeEvent(ClipGenerationFailed, {
      tenantId,
      episodeId,
      clipId,
      executionId,
      executionStartedAt,
      error: error('The clip was not finished'),
      meta: makeMeta(
        eventIdOf(ClipGenerationFailed, { executionId, clipId }),
        { correlationId, causationId: correlationId },
        deadline,
      ),
    });
  await publish(inProgress.map(failed));
}
