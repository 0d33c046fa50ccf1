import { s3Error } from './errors.ts';

/** What conditions are tested against. */
export interface Validators {
  /** Without quotes. */
  readonly etag: string;
  readonly lastModifiedMs: number;
}

type HeaderOf = (name: string) => string | undefined;

/**
 * Tests the conditions of a read, in the order of RFC 9110 §13.2.2.
 * A matching `If-Match` outranks `If-Unmodified-Since`, an `If-None-Match` outranks
 * `If-Modified-Since`.
 * @param prefix `x-amz-copy-source-` for the conditions on the source of a copy
 */
export function testRead(
  header: HeaderOf,
  object: Validators,
  prefix = '',
): 'holds' | 'not modified' | 'failed' {
  // HTTP dates have no fractions of a second.
  const modifiedMs = Math.floor(object.lastModifiedMs / 1000) * 1000;
  const ifMatch = header(`${prefix}if-match`);
  const unmodifiedSinceMs = Date.parse(header(`${prefix}if-unmodified-since`) ?? '');
  if (ifMatch !== undefined) {
    if (!matches(ifMatch, object.etag)) return 'failed';
  } else if (modifiedMs > unmodifiedSinceMs) {
    return 'failed';
  }
  const ifNoneMatch = header(`${prefix}if-none-match`);
  const modifiedSinceMs = Date.parse(header(`${prefix}if-modified-since`) ?? '');
  if (ifNoneMatch !== undefined) {
    if (matches(ifNoneMatch, object.etag)) return 'not modified';
  } else if (modifiedMs <= modifiedSinceMs) {
    return 'not modified';
  }
  return 'holds';
}

/** Throws unless a write may replace what is there; undefined when nothing is. */
export type WriteCondition = (existing: Pick<Validators, 'etag'> | undefined) => void;

/**
 * The condition of a write: `If-None-Match: *` (create only) or `If-Match: <etag>` (replace only).
 * @throws AwsError `NotImplemented` for an `If-None-Match` other than `*`, as in S3. The returned
 *   function throws `PreconditionFailed`, or `NoSuchKey` when `If-Match` finds no object.
 */
export function writeCondition(header: HeaderOf): WriteCondition {
  const ifMatch = header('if-match');
  const ifNoneMatch = header('if-none-match');
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*') {
    throw s3Error('NotImplemented', 'If-None-Match on a write must be *.');
  }
  return (existing) => {
    if (ifNoneMatch !== undefined && existing) throw s3Error('PreconditionFailed');
    if (ifMatch === undefined) return;
    if (!existing) throw s3Error('NoSuchKey');
    if (!matches(ifMatch, existing.etag)) throw s3Error('PreconditionFailed');
  };
}

/** Whether a list of entity tags holds this one; S3 takes them without quotes too. */
function matches(list: string, etag: string): boolean {
  return list.split(',').some((item) => {
    const tag = item.trim();
    return tag === '*' || tag.replace(/^W\//, '').replace(/^"(.*)"$/, '$1') === etag;
  });
}
