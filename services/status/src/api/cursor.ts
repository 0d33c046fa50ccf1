import * as z from 'zod';
import { HttpProblem } from '#shared/http/problem';
import { CLIP_SORT_PREFIX, episodePartition } from '#shared/keys';

const placeSchema = z.tuple([z.string().min(1), z.string().startsWith(CLIP_SORT_PREFIX)]);

/**
 * Where the next page of an episode's clips begins. A cursor names no episode: whatever it holds, it is read in
 * the partition of the caller.
 */
export const writeCursor = (key: Record<string, unknown>): string =>
  Buffer.from(JSON.stringify([key.GSI1SK, key.sk])).toString('base64url');

/** @throws HttpProblem 400 */
export function readCursor(
  cursor: string,
  episode: { tenantId: string; episodeId: string },
): Record<string, unknown> {
  const place = placeSchema.safeParse(parse(Buffer.from(cursor, 'base64url').toString('utf8')));
  if (!place.success) {
    const message = 'cursor must be the nextCursor of a page, unchanged.';
    throw new HttpProblem(400, 'REQUEST_INVALID', message, { field: 'cursor' });
  }
  const [GSI1SK, sk] = place.data;
  const partition = episodePartition(episode);
  return { GSI1PK: partition, GSI1SK, pk: partition, sk };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
