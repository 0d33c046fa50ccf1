import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { ListClips, type ListedClip } from '#shared/api/list-clips';
import { dynamodb } from '#shared/aws/dynamodb';
import type { ClipRecord } from '#shared/clip/clip-record';
import { environment } from '#shared/environment';
import { routeHandler } from '#shared/http/route-handler';
import { jobIdOf } from '#shared/jobs';
import { episodePartition } from '#shared/keys';
import { findEpisode } from '#shared/storage/episodes';
import { readCursor, writeCursor } from './cursor.ts';

interface Episode {
  tenantId: string;
  episodeId: string;
}

/** How many clips a query looks at for those of one status, and how many queries an answer may take. */
const LOOKED_AT = 200;
const MAX_QUERIES = 5;

/** `GET /api/v1/episodes/{episode_id}/clips` */
export const handler = routeHandler(ListClips, async ({ tenantId, path, query }) => {
  const episode = { tenantId, episodeId: path.episode_id };
  await findEpisode(episode);
  const { limit, status, cursor } = query;
  const found: Found[] = [];
  let next = cursor === undefined ? undefined : readCursor(cursor, episode);
  for (let n = 0; n < MAX_QUERIES && found.length < limit; n++) {
    const page = await readPage(episode, status ? LOOKED_AT : limit - found.length, status, next);
    found.push(...page.found);
    next = page.next;
    if (!next) break;
  }
  const clips = found.slice(0, limit);
  const last = found.length > limit ? clips.at(-1) : next;
  const json = { clips: clips.map(listed), ...(last && { nextCursor: writeCursor(last) }) };
  return { status: 200, json };
});

/** A clip as the index holds it, with its keys. */
type Found = ClipRecord & Record<string, unknown>;

async function readPage(
  episode: Episode,
  limit: number,
  status: string | undefined,
  from: Record<string, unknown> | undefined,
): Promise<{ found: Found[]; next?: Record<string, unknown> }> {
  const { Items = [], LastEvaluatedKey } = await dynamodb.send(
    new QueryCommand({
      TableName: environment.tableName(),
      IndexName: 'GSI1',
      KeyConditionExpression: 'GSI1PK = :episode',
      ...(status && {
        FilterExpression: '#status = :status',
        ExpressionAttributeNames: { '#status': 'status' },
      }),
      ExpressionAttributeValues: {
        ':episode': episodePartition(episode),
        ...(status && { ':status': status }),
      },
      ScanIndexForward: false,
      Limit: limit,
      ExclusiveStartKey: from,
    }),
  );
  return { found: Items as Found[], next: LastEvaluatedKey };
}

function listed(record: ClipRecord): ListedClip {
  const { clipId, status, duration, fileSize, createdAt, updatedAt } = record;
  return {
    clipId,
    ...(record.executionId && { jobId: jobIdOf(record) }),
    status,
    ...(duration && { duration }),
    ...(fileSize && { fileSize }),
    createdAt,
    updatedAt,
  };
}
