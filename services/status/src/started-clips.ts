import { CLIP_SORT_PREFIX, tableKeys } from '#shared/keys';
import { expiresAt } from '#shared/retention';
import { updateItem } from '#shared/storage/items';
import { queryItems } from '#shared/storage/query-items';

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
export const findStarted = (executionId: string): Promise<StartedClip[]> =>
  queryItems(tableKeys.execution(executionId).pk, CLIP_SORT_PREFIX);
