import type { CancelClipGeneration } from '#shared/events/cancel-clip-generation';
import type { DetailOf } from '#shared/events/define-event';
import { CANCELLATION_SORT_PREFIX, episodePartition, tableKeys } from '#shared/keys';
import { expiresAt } from '#shared/retention';
import { deleteItem, getItem, updateItem } from '#shared/storage/items';
import { queryItems } from '#shared/storage/query-items';

/*
 * A cancellation may arrive before the request that it cancels has begun. Both sides write before they read, so that
 * at least one sees the other, whichever comes first:
 *
 *     cancel:  notes the cancellation ──▶ looks which execution has begun
 *     begin:   notes what has begun   ──▶ looks what was cancelled
 *
 * Where both do, both publish the same event.
 */

type Cancellation = DetailOf<typeof CancelClipGeneration>;

interface ClipIds {
  tenantId: string;
  episodeId: string;
  clipId: string;
}

interface NotedCancellation {
  clipId: string;
  executionId?: string;
  /** When the cancellation was published: ISO 8601, in whole seconds, as EventBridge has it. */
  cancelledAt: string;
}

/** Keeps a cancellation for executions that have not begun. @param cancelledAt ISO 8601 */
export async function noteCancellation(
  { tenantId, episodeId, clipId, executionId }: Cancellation,
  cancelledAt: string,
): Promise<void> {
  const names = executionId ? ', executionId = :executionId' : '';
  await updateItem(tableKeys.cancellation({ tenantId, episodeId, clipId, executionId }), {
    UpdateExpression: `SET clipId = :clipId, cancelledAt = :at, #ttl = :ttl${names}`,
    ConditionExpression: 'attribute_not_exists(cancelledAt) OR cancelledAt < :at',
    ExpressionAttributeNames: { '#ttl': 'ttl' },
    ExpressionAttributeValues: {
      ':clipId': clipId,
      ':at': cancelledAt,
      ':ttl': expiresAt(),
      ...(executionId ? { ':executionId': executionId } : {}),
    },
  });
}

/** Forgets a cancellation that has found the execution it was meant for. */
export async function dropCancellation(ids: ClipIds, cancelledAt: string): Promise<void> {
  await deleteItem(tableKeys.cancellation(ids), {
    ConditionExpression: 'cancelledAt = :at',
    ExpressionAttributeValues: { ':at': cancelledAt },
  });
}

interface Begun {
  executionId: string;
  executionStartedAt: string;
}

/** Notes that an execution of a clip has begun, unless a newer one has. */
export async function noteNewest(ids: ClipIds, begun: Begun): Promise<void> {
  await updateItem(tableKeys.newest(ids), {
    UpdateExpression:
      'SET executionId = :executionId, executionStartedAt = :startedAt, #ttl = :ttl',
    // As `isNewer` decides.
    ConditionExpression:
      'attribute_not_exists(pk) OR executionStartedAt < :startedAt OR (executionStartedAt = :startedAt AND executionId < :executionId)',
    ExpressionAttributeNames: { '#ttl': 'ttl' },
    ExpressionAttributeValues: {
      ':executionId': begun.executionId,
      ':startedAt': begun.executionStartedAt,
      ':ttl': expiresAt(),
    },
  });
}

/** @returns the newest execution of a clip that has begun, if any has */
export const findNewest = (ids: ClipIds): Promise<Begun | undefined> =>
  getItem<Begun>(tableKeys.newest(ids));

/** A request, as far as cancellations go by it. */
interface Requested {
  tenantId: string;
  episodeId: string;
  executionId: string;
  /** When it was published, ISO 8601. Absent for a replay: it requests clips again, even cancelled ones. */
  requestedAt?: string;
}

/**
 * Finds the clips of a request that were cancelled before it began.
 * @returns their ids
 */
export async function findCancelled(request: Requested): Promise<ReadonlySet<string>> {
  const noted = await queryItems<NotedCancellation>(
    episodePartition(request),
    CANCELLATION_SORT_PREFIX,
  );
  return new Set(noted.filter((one) => isMeant(one, request)).map(({ clipId }) => clipId));
}

/** A cancellation without an execution is meant for what had been requested by then, to the second. */
function isMeant({ executionId, cancelledAt }: NotedCancellation, request: Requested): boolean {
  if (executionId) return executionId === request.executionId;
  const { requestedAt } = request;
  return requestedAt !== undefined && Date.parse(requestedAt) <= Date.parse(cancelledAt);
}
