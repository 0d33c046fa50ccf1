import { tableKeys } from '#shared/keys';
import { expiresAt } from '#shared/retention';
import { getItem, updateItem } from '#shared/storage/items';

type ClipIds = Parameters<typeof tableKeys.extraction>[0];

/** Notes that no more of a clip is wanted. @param why detail-type of the event that says so */
export async function noteClipEnded(ids: ClipIds, why: string): Promise<void> {
  await updateItem(tableKeys.extraction(ids), {
    UpdateExpression: 'SET ended = if_not_exists(ended, :why), #ttl = if_not_exists(#ttl, :ttl)',
    ExpressionAttributeNames: { '#ttl': 'ttl' },
    ExpressionAttributeValues: { ':why': why, ':ttl': expiresAt() },
  });
}

/** Whether any more of a clip is wanted. */
export async function hasClipEnded(ids: ClipIds): Promise<boolean> {
  return (await getItem<{ ended?: string }>(tableKeys.extraction(ids)))?.ended !== undefined;
}
