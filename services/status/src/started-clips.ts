import { paginateQuery } from '@aws-sdk/lib-dynamodb';
import { dynamodb } from '#shared/aws/dynamodb';
import { environment } from '#shared/environment';
import { CLIP_SORT_PREFIX, tableKeys } from '#shared/keys';
import { expiresAt } from '#shared/retention';
import { updateItem } from '#shared/storage/items';

/** A clip that an execution makes. */
export interface StartedClip {
  tenantId: string;
  episodeId: string;
  clipId: string;
}

/** Notes that an execution makes a clip, so that none is forgotten whose events get lost. */
export async function noteStarted(
  executionId: string,
  { tenantId, episodeId, clipId }: StartedClip,
): Promise<void> {
  await updateItem(tableKeys.executionClip(executionId, clipId), {
    UpdateExpression:
      'SET tenantId = :tenantId, episodeId = :episodeId, clipId = :clipId, #ttl = if_not_exists(#ttl, :ttl)',
    ExpressionAttributeNames: { '#ttl': 'ttl' },
    ExpressionAttributeValues: {
      ':tenantId': tenantId,
      ':episodeId': episodeId,
      ':clipId': clipId,
      ':ttl': expiresAt(),
    },
  });
}

/** The clips that an execution makes, ended or not. */
export async function findStarted(executionId: string): Promise<StartedClip[]> {
  const pages = paginateQuery(
    { client: dynamodb },
    {
      TableName: environment.tableName(),
      ConsistentRead: true,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
      ExpressionAttributeValues: {
        ':pk': tableKeys.execution(executionId).pk,
        ':prefix': CLIP_SORT_PREFIX,
      },
    },
  );
  const clips: StartedClip[] = [];
  for await (const page of pages) clips.push(...((page.Items ?? []) as StartedClip[]));
  return clips;
}
