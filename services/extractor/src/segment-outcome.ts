import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { dynamodb } from '#shared/aws/dynamodb';
import { environment } from '#shared/environment';
import type { DetailOf } from '#shared/events/define-event';
import type { OutgoingEvent } from '#shared/events/publish';
import type { SegmentRequested } from '#shared/events/segment-requested';
import { tableKeys } from '#shared/keys';
import { expiresAt } from '#shared/retention';
import { getItem } from '#shared/storage/items';

type SegmentIds = Pick<
  DetailOf<typeof SegmentRequested>,
  'tenantId' | 'episodeId' | 'clipId' | 'executionId' | 'segmentIndex'
>;

/** The event that was made of a segment, if it was worked on before. */
export async function findOutcome(ids: SegmentIds): Promise<OutgoingEvent | undefined> {
  const item = await getItem<{ outcome: OutgoingEvent }>(tableKeys.segment(ids));
  return item?.outcome;
}

/**
 * Notes what came of a segment. It is noted before it is published: a crash in between, a second
 * delivery and a replay all publish this same event again instead of cutting again.
 */
export async function keepOutcome(ids: SegmentIds, outcome: OutgoingEvent): Promise<void> {
  await dynamodb.send(
    new PutCommand({
      TableName: environment.tableName(),
      Item: { ...tableKeys.segment(ids), outcome, ttl: expiresAt() },
    }),
  );
}
