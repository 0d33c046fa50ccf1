import * as z from 'zod';
import { HttpProblem } from '#shared/http/problem';
import { CLIP_SORT_PREFIX, episodePartition } from '#shared/keys';

/** Which order a list has: of the index, by time, or of the table, by id. */
export type CursorPlace = 'index' | 'table';

const sortKeySchema = z.string().startsWith(CLIP_SORT_PREFIX);

const SCHEMAS = {
  index: z.tuple([z.string().min(1), sortKeySchema]),
  table: z.tuple([sortKeySchema]),
} as const satisfies Record<CursorPlace, z.ZodType>;

/**
 * Where the next page of an episode's clips begins. A cursor names no episode: whatever it holds, it is read in
 * the partition of the caller.
 */
export const writeCursor = ({ GSI1SK, sk }: Record<string, unknown>, place: CursorPlace): string =>
  Buffer.from(JSON.stringify(place === 'index' ? [GSI1SK, sk] : [sk])).toString('base64url');

/** @throws HttpProblem 400 */
export function readCursor(
  cursor: string,
  place: CursorPlace,
  episode: { tenantId: string; episodeId: string },
): Record<string, unknown> {
  const read = SCHEMAS[place].safeParse(parse(Buffer.from(cursor, 'base64url').toString('utf8')));
  if (!read.success) {
    const message = 'cursor must be the nextCursor of a page with the same status, unchanged.';
    throw new HttpProblem(400, 'REQUEST_INVALID', message, { field: 'cursor' });
  }
  const pk = episodePartition(episode);
  const [first, sk = first] = read.data;
  return place === 'table' ? { pk, sk } : { GSI1PK: pk, GSI1SK: first, pk, sk };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
