import { executionsByTimeKey, tableKeys } from '#shared/keys';
import type { ExecutionRecord } from '../services/status/src/execution-store.ts';
import type { BegunExecution } from '../services/trigger/src/begun-execution.ts';
import { findLeft, type Left } from './left.ts';
import type { ReplayOptions } from './options.ts';
import { queryItems, readItem } from './table.ts';
import type { Target } from './target.ts';

/** An execution that began while the events to be replayed happened. */
export interface ReplayedExecution {
  record: ExecutionRecord;
  /** Whether the archive holds its begin event: it holds none that a replay brought. */
  isOriginal: boolean;
  /** Whether it took the clips that were `detected` then. */
  tookDetected: boolean;
  /** What is not done yet; of an execution that has ended, nothing. */
  left: Left[];
}

/** Nobody can read an archive on AWS; what its events led to is in the table. */
export async function findExecutions(
  target: Target,
  { fromMs, toMs }: Pick<ReplayOptions, 'fromMs' | 'toMs'>,
): Promise<ReplayedExecution[]> {
  const records = await recordsUntil(target, toMs);
  const originals = originalsOf(records);
  const replayed = records.filter((record) => Date.parse(record.executionStartedAt) >= fromMs);
  const executions: ReplayedExecution[] = [];
  for (const record of replayed) {
    const begun = await readItem<BegunExecution>(target, tableKeys.begun(record.executionId));
    executions.push({
      record,
      // Not begun: a recommendations file that was refused. Its event was on the default bus.
      isOriginal: begun !== undefined && originals.has(record.executionId),
      tookDetected: begun?.detectedClipIds !== undefined,
      left: record.status === 'running' ? await findLeft(target, record) : [],
    });
  }
  return executions;
}

/** The executions that the table keeps, oldest first. */
async function recordsUntil(target: Target, toMs: number): Promise<ExecutionRecord[]> {
  const executionStartedAt = new Date(toMs).toISOString();
  // By id: an execution that ends meanwhile is found in both lists.
  const records = new Map<string, ExecutionRecord>();
  for (const status of ['running', 'ended'] as const) {
    const { GSI1PK, GSI1SK } = executionsByTimeKey(
      { executionId: '~', executionStartedAt },
      status,
    );
    const found = queryItems<ExecutionRecord>(target, {
      IndexName: 'GSI1',
      KeyConditionExpression: 'GSI1PK = :status AND GSI1SK < :until',
      ExpressionAttributeValues: { ':status': GSI1PK, ':until': GSI1SK },
    });
    for await (const record of found) records.set(record.executionId, record);
  }
  return [...records.values()].sort((a, b) =>
    a.executionStartedAt.localeCompare(b.executionStartedAt),
  );
}

/** All executions of one begin event have its correlationId; the first is the one it began when it was new. */
function originalsOf(oldestFirst: readonly ExecutionRecord[]): Set<string> {
  const originals = new Map<string, string>();
  for (const { correlationId, executionId } of oldestFirst) {
    if (!originals.has(correlationId)) originals.set(correlationId, executionId);
  }
  return new Set(originals.values());
}
