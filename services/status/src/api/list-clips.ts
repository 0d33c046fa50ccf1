import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { describedOf } from '#shared/api/fields';
import { ListClips, type ListedClip } from '#shared/api/list-clips';
import { dynamodb } from '#shared/aws/dynamodb';
import type { ClipRecord } from '#shared/clip/clip-record';
import { environment } from '#shared/environment';
import { routeHandler } from '#shared/http/route-handler';
import { jobIdOf } from '#shared/jobs';
import { CLIP_SORT_PREFIX, episodePartition } from '#shared/keys';
import { findEpisode } from '#shared/storage/episodes';
import { type CursorPlace, readCursor, writeCursor } from './cursor.ts';

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
  const place = placeOf(status);
  const found: Found[] = [];
  let next = cursor === undefined ? undefined : readCursor(cursor, place, episode);
  for (let n = 0; n < MAX_QUERIES && found.length < limit; n++) {
    const page = await readPage(episode, status ? LOOKED_AT : limit - found.length, status, next);
    found.push(...page.found);
    next = page.next;
    if (!next) break;
  }
  const clips = found.slice(0, limit);
  const last = found.length > limit ? clips.at(-1) : next;
  const json = { clips: clips.map(listed), ...(last && { nextCursor: writeCursor(last, place) }) };
  return { status: 200, json };
});

/** A clip as it was found, with its keys. */
type Found = Partial<ClipRecord> & Pick<ClipRecord, 'status'> & Record<string, unknown>;

/** Upstream writes what it detects without the index's keys. */
const placeOf = (status: string | undefined): CursorPlace =>
  status === 'detected' ? 'table' : 'index';

async function readPage(
  episode: Episode,
  limit: number,
  status: string | undefined,
  from: Record<string, unknown> | undefined,
): Promise<{ found: Found[]; next?: Record<string, unknown> }> {
  const isInTable = placeOf(status) === 'table';
  const { Items = [], LastEvaluatedKey } = await dynamodb.send(
    new QueryCommand({
      TableName: environment.tableName(),
      ...(isInTable
        ? { KeyConditionExpression: 'pk = :episode AND begins_with(sk, :clip)' }
        : { IndexName: 'GSI1', KeyConditionExpression: 'GSI1PK = :episode' }),
      ...(status && {
        FilterExpression: '#status = :status',
        ExpressionAttributeNames: { '#status': 'status' },
      }),
      ExpressionAttributeValues: {
        ':episode': episodePartition(episode),
        ...(isInTable && { ':clip': CLIP_SORT_PREFIX }),
        ...(status && { ':status': status }),
      },
      ScanIndexForward: isInTable,
      Limit: limit,
      ExclusiveStartKey: from,
    }),
  );
  return { found: Items as Found[], next: LastEvaluatedKey };
}

function listed(record: Found): ListedClip {
  const { sk, status, executionId, duration, fileSize, createdAt, updatedAt } = record;
  const clipId = String(sk).slice(CLIP_SORT_PREFIX.length);
  const { episodeId } = record;
  return {
    clipId,
    ...(executionId && episodeId && { jobId: jobIdOf({ episodeId, clipId, executionId }) }),
    status,
    ...describedOf(record),
    ...(duration && { duration }),
    ...(fileSize && { fileSize }),
    ...(createdAt && { createdAt }),
    ...(updatedAt && { updatedAt }),
  };
}
