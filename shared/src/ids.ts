import * as z from 'zod';

/**
 * Ids become parts of S3 keys and table keys, so they hold nothing a key or a path gives a meaning to:
 * no `/`, `#`, `%`, control characters, no leading dot and no `..`.
 */
const SAFE_ID = /^[A-Za-z0-9](?:[A-Za-z0-9_-]|\.(?!\.)){0,127}$/;

const HINT =
  'must be 1–128 letters, digits, "-", "_" or single dots, beginning with a letter or digit';

/** A tenantId, episodeId, clipId or trackName that is safe inside keys. */
export const idSchema = z.string(HINT).regex(SAFE_ID, HINT);

/** Whether the text is an id that is safe inside keys. */
export function isSafeId(text: unknown): text is string {
  return typeof text === 'string' && SAFE_ID.test(text);
}
