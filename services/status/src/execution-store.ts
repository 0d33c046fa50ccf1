import type { TerminalStatus } from '#shared/clip/clip-record';
import type { ErrorSummary } from '#shared/errors';
import { executionsByTimeKey, tableKeys } from '#shared/keys';
import { expiresAt } from '#shared/retention';
import { type ItemUpdate, updateItem } from '#shared/storage/items';

export type ExecutionOutcome = 'completed' | 'failed';

/** The execution item, as everybody outside reads it. */
export interface ExecutionRecord {
  executionId: string;
  tenantId?: string;
  episodeId?: string;
  executionStartedAt: string;
  correlationId: string;
  status: 'running' | ExecutionOutcome;
  /** How it ends, from when its counts are final until everybody was told and `status` says it. */
  outcome?: ExecutionOutcome;
  /** Absent until the first event that tells it has arrived. */
  totalClips?: number;
  /** Clips that are `Generation Complete`. */
  processedClips: number;
  /** Clips that are `Generation Failed`, rejected ones included. */
  failedClips: number;
  cancelledClips: number;
  /** The ids of the clips that have ended, `#<clipIndex>` for rejected ones without a usable id. */
  endedClips?: ReadonlySet<string>;
  startedAt: string;
  completedAt?: string;
  processingError?: ErrorSummary;
}

interface ExecutionIds {
  executionId: string;
  executionStartedAt: string;
  tenantId?: string;
  episodeId?: string;
  correlationId: string;
}

/** Makes the item if there is none, and keeps how many clips the execution has. */
export async function saveTotal(ids: ExecutionIds, totalClips?: number): Promise<ExecutionRecord> {
  const sets = [
    'executionId = :executionId',
    'correlationId = :correlationId',
    'executionStartedAt = :startedAt',
    'startedAt = :startedAt',
    '#status = if_not_exists(#status, :running)',
    'processedClips = if_not_exists(processedClips, :zero)',
    'failedClips = if_not_exists(failedClips, :zero)',
    'cancelledClips = if_not_exists(cancelledClips, :zero)',
    'GSI1PK = if_not_exists(GSI1PK, :GSI1PK)',
    'GSI1SK = if_not_exists(GSI1SK, :GSI1SK)',
    '#ttl = if_not_exists(#ttl, :ttl)',
  ];
  const listed = executionsByTimeKey(ids, 'running');
  const values: Record<string, unknown> = {
    ':executionId': ids.executionId,
    ':correlationId': ids.correlationId,
    ':startedAt': ids.executionStartedAt,
    ':running': 'running',
    ':zero': 0,
    ':ttl': expiresAt(),
    ':GSI1PK': listed.GSI1PK,
    ':GSI1SK': listed.GSI1SK,
  };
  for (const [name, value] of Object.entries({
    totalClips,
    tenantId: ids.tenantId,
    episodeId: ids.episodeId,
  })) {
    if (value === undefined) continue;
    sets.push(`${name} = :${name}`);
    values[`:${name}`] = value;
  }
  const updated = await update(ids, {
    UpdateExpression: `SET ${sets.join(', ')}`,
    ExpressionAttributeNames: { '#status': 'status', '#ttl': 'ttl' },
    ExpressionAttributeValues: values,
  });
  return updated!;
}

const COUNTER = {
  'Generation Complete': 'processedClips',
  'Generation Failed': 'failedClips',
  Cancelled: 'cancelledClips',
} as const satisfies Record<TerminalStatus, keyof ExecutionRecord>;

/**
 * Counts that a clip of the execution has ended. The clip's place in a set and the count are one
 * conditional update: however often the event arrives, a clip counts once, by the first of its ends.
 * What comes after the counts became final changes nothing.
 * @param clip the clipId, or `#<clipIndex>` of a rejected clip whose id cannot be used
 */
export async function countEnd(
  ids: ExecutionIds,
  clip: string,
  status: TerminalStatus,
): Promise<void> {
  await update(ids, {
    UpdateExpression: `ADD endedClips :clip, ${COUNTER[status]} :one`,
    ConditionExpression:
      'NOT contains(endedClips, :clipId) AND attribute_not_exists(outcome) AND attribute_not_exists(completedAt)',
    ExpressionAttributeValues: { ':clip': new Set([clip]), ':clipId': clip, ':one': 1 },
  });
}

/**
 * Decides how an execution ends, which makes its counts final.
 * @returns the execution as it ends, or `undefined` when that had been decided before
 */
export function saveOutcome(
  ids: ExecutionIds,
  outcome: ExecutionOutcome,
  processingError?: ErrorSummary,
): Promise<ExecutionRecord | undefined> {
  return update(ids, {
    UpdateExpression: `SET outcome = :outcome${processingError ? ', processingError = :error' : ''}`,
    ConditionExpression: '#status = :running AND attribute_not_exists(outcome)',
    ExpressionAttributeNames: { '#status': 'status' },
    ExpressionAttributeValues: {
      ':outcome': outcome,
      ':running': 'running',
      ...(processingError ? { ':error': processingError } : {}),
    },
  });
}

/** Ends an execution whose end was published. */
export async function saveEnd(ids: ExecutionIds, outcome: ExecutionOutcome): Promise<void> {
  await update(ids, {
    UpdateExpression: 'SET #status = :outcome, completedAt = :now, GSI1PK = :ended REMOVE outcome',
    ConditionExpression: '#status = :running',
    ExpressionAttributeNames: { '#status': 'status' },
    ExpressionAttributeValues: {
      ':outcome': outcome,
      ':running': 'running',
      ':ended': executionsByTimeKey(ids, 'ended').GSI1PK,
      ':now': new Date().toISOString(),
    },
  });
}

const update = ({ executionId }: ExecutionIds, change: ItemUpdate) =>
  updateItem<ExecutionRecord>(tableKeys.execution(executionId), change);
