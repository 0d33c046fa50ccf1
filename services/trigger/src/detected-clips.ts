import { paginateQuery } from '@aws-sdk/lib-dynamodb';
import { dynamodb } from '#shared/aws/dynamodb';
import { environment } from '#shared/environment';
import { PermanentError } from '#shared/errors';
import { clipRequestSchema } from '#shared/events/begin-clip-generation';
import { CLIP_SORT_PREFIX, episodePartition, tableKeys } from '#shared/keys';
import { getItem } from '#shared/storage/items';

const REMADE_FIELDS = ['segments', 'title', 'description'] as const;

interface Episode {
  tenantId: string;
  episodeId: string;
}

/**
 * The ids of the tenant's clips of an episode that upstream left as `detected`.
 * @throws PermanentError `TOO_MANY_CLIPS`
 */
export async function findDetectedClipIds(episode: Episode, maxClips: number): Promise<string[]> {
  const pages = paginateQuery(
    { client: dynamodb },
    {
      TableName: environment.tableName(),
      ConsistentRead: true,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
      FilterExpression: '#status = :detected',
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: {
        ':pk': episodePartition(episode),
        ':prefix': CLIP_SORT_PREFIX,
        ':detected': 'detected',
      },
    },
  );
  const ids: string[] = [];
  for await (const page of pages) {
    for (const item of page.Items ?? []) ids.push(String(item.sk).slice(CLIP_SORT_PREFIX.length));
    if (ids.length > maxClips) {
      throw new PermanentError(
        'TOO_MANY_CLIPS',
        `Episode ${episode.episodeId} has more than ${maxClips} clips that are "detected" (maxClipsPerRequest): list them in several requests, or raise maxClipsPerRequest.`,
      );
    }
  }
  return ids;
}

/** The clips as requests: the same shape as the `clips` of a begin event, and as little trusted. */
export async function readDetectedClips(episode: Episode, clipIds: string[]): Promise<unknown[]> {
  return Promise.all(
    clipIds.map(async (clipId) => {
      const item = await getItem<Record<string, unknown>>(tableKeys.clip({ ...episode, clipId }));
      // Once it has been made, its options are kept apart: `renditions`, say, are then those that there are.
      const { options } = item ?? {};
      const fields = options ? REMADE_FIELDS : Object.keys(clipRequestSchema.shape);
      const asked = fields.map((name) => [name, item?.[name]]);
      return { ...Object.fromEntries(asked), ...Object(options), clipId };
    }),
  );
}
