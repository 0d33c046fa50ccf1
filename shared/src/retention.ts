const DAY_SECONDS = 24 * 3600;

/** Bookkeeping of an execution is kept as long as the archive can replay its events. */
export const RETENTION_DAYS = 90;

/** The table's `ttl` of an item written now: seconds since 1970. */
export function expiresAt(now = Date.now()): number {
  return Math.floor(now / 1000) + RETENTION_DAYS * DAY_SECONDS;
}
