import * as z from 'zod';

/**
 * Ids become parts of S3 keys and table keys, so they hold nothing a key or a path gives a meaning to:
 * no `/`, `#`, `%`, control characters, no leading dot and no `..`.
 */
const SAFE_ID = /^[A-Za-z0-9](?:[A-Za-z0-9_-]|\.(?!\.)){0,127}$/;

const HINT =
  'must be 1–128 letters, digits, "-", "_" or single dots, beginning with a letter or digit';

/**
 * What the partitions of the table begin with that belong to no tenant: under these names, a tenant's
 * episodes would share their keys with executions.
 */
const RESERVED_TENANTS: readonly string[] = ['processing', 'executions'];

/** An episodeId, clipId or trackName that is safe inside keys. */
export const idSchema = z.string(HINT).regex(SAFE_ID, HINT);

/** A tenantId: an id that is not one of our own names. */
export const tenantIdSchema = idSchema.refine((id) => !RESERVED_TENANTS.includes(id), {
  message: `must not be ${RESERVED_TENANTS.join(' or ')}: these are names of the table's own`,
});

/** Whether the text is a tenantId that is safe inside keys. */
export function isSafeTenantId(text: unknown): text is string {
  return isSafeId(text) && !RESERVED_TENANTS.includes(text);
}

/** Whether the text is an id that is safe inside keys. */
export function isSafeId(text: unknown): text is string {
  return typeof text === 'string' && SAFE_ID.test(text);
}
