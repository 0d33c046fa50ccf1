/** What a listing asks for. */
export interface ListQuery {
  readonly prefix: string;
  /** Keys that go on after the prefix up to here are rolled up into one common prefix. */
  readonly delimiter: string;
  /** Only what comes after this. */
  readonly after: string;
  /** Whether `after` may be a common prefix of the page before, of which nothing more is listed. */
  readonly afterPrefix: boolean;
  readonly maxKeys: number;
}

export interface ListPage {
  readonly keys: string[];
  readonly commonPrefixes: string[];
  /** The last key or common prefix of this page, when there are more; undefined at the end. */
  readonly next: string | undefined;
}

/** Sorts keys as S3 does, by their UTF-8 bytes (JavaScript's own order differs beyond U+FFFF). */
export function sortKeys(keys: Iterable<string>): string[] {
  return Array.from(keys, (key) => ({ key, bytes: Buffer.from(key) }))
    .sort((a, b) => Buffer.compare(a.bytes, b.bytes))
    .map(({ key }) => key);
}

/** Cuts one page out of all keys. */
export function listPage(sortedKeys: readonly string[], query: ListQuery): ListPage {
  const keys: string[] = [];
  const commonPrefixes: string[] = [];
  let last: string | undefined;
  for (const key of sortedKeys) {
    if (!key.startsWith(query.prefix) || !isAfter(key, query)) continue;
    const prefix = commonPrefix(key, query);
    if (prefix !== undefined && prefix === last) continue;
    if (keys.length + commonPrefixes.length === query.maxKeys) {
      return { keys, commonPrefixes, next: last };
    }
    if (prefix === undefined) keys.push(key);
    else commonPrefixes.push(prefix);
    last = prefix ?? key;
  }
  return { keys, commonPrefixes, next: undefined };
}

function isAfter(key: string, { after, afterPrefix, delimiter }: ListQuery): boolean {
  if (after === '') return true;
  if (Buffer.compare(Buffer.from(key), Buffer.from(after)) <= 0) return false;
  const rolledUp = afterPrefix && delimiter !== '' && after.endsWith(delimiter);
  return !(rolledUp && key.startsWith(after));
}

function commonPrefix(key: string, { prefix, delimiter }: ListQuery): string | undefined {
  if (delimiter === '') return undefined;
  const at = key.indexOf(delimiter, prefix.length);
  return at === -1 ? undefined : key.slice(0, at + delimiter.length);
}
