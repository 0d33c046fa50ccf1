import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { dynamodb } from '#shared/aws/dynamodb';
import { environment } from '#shared/environment';
import { tableKeys } from '#shared/keys';
import { expiresAt } from '#shared/retention';
import { getItem } from '#shared/storage/items';

/** What an execution began with; the same for every delivery of its begin event. */
export interface BegunExecution {
  /** Absent where the request does not tell them. */
  tenantId?: string;
  episodeId?: string;
  /** The begin event's. */
  correlationId: string;
  /** ISO 8601. Not the event's own time: a replayed event keeps the time of its first life. */
  startedAt: string;
  /** The `detected` clips it took on; absent where the event itself lists the clips. */
  detectedClipIds?: string[];
}

/** @returns `undefined` where no such execution has begun */
export const findBegun = (executionId: string): Promise<BegunExecution | undefined> =>
  getItem<BegunExecution>(tableKeys.begun(executionId));

/**
 * Notes what an execution begins with, unless it has begun already, and returns what it did begin with.
 * A second delivery must ask for the same clips as the first, even though those are not `detected` any more.
 */
export async function beginOnce(
  { executionId, ...origin }: { executionId: string } & Omit<BegunExecution, 'startedAt'>,
  findDetectedClipIds: (() => Promise<string[]>) | undefined,
): Promise<BegunExecution> {
  const key = tableKeys.begun(executionId);
  const known = await getItem<BegunExecution>(key);
  if (known) return known;
  const begun: BegunExecution = {
    ...origin,
    startedAt: new Date().toISOString(),
    detectedClipIds: await findDetectedClipIds?.(),
  };
  try {
    await dynamodb.send(
      new PutCommand({
        TableName: environment.tableName(),
        Item: { ...key, ...begun, ttl: expiresAt() },
        ConditionExpression: 'attribute_not_exists(pk)',
      }),
    );
    return begun;
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    // Another delivery of the event came first: what it noted counts.
    return (await getItem<BegunExecution>(key))!;
  }
}
