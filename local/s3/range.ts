import { s3Error } from './errors.ts';

/** Bytes of an object, both ends included, as in `Content-Range`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Reads a `Range` header (RFC 9110 §14) against an object's size.
 * Several ranges at once, and what is no byte range, ask for the whole object, as in S3.
 * @returns undefined for the whole object
 * @throws AwsError `InvalidRange` when no byte of it exists
 */
export function parseRange(header: string | undefined, sizeBytes: number): ByteRange | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '');
  if (!match) return undefined;
  const [, first = '', last = ''] = match;
  if (first === '' && last === '') return undefined;
  if (first === '') {
    const suffixBytes = Math.min(Number(last), sizeBytes);
    if (suffixBytes === 0) throw s3Error('InvalidRange');
    return { start: sizeBytes - suffixBytes, end: sizeBytes - 1 };
  }
  const start = Number(first);
  const end = last === '' ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1);
  if (last !== '' && Number(last) < start) return undefined;
  if (start >= sizeBytes) throw s3Error('InvalidRange');
  return { start, end };
}

/**
 * Reads `x-amz-copy-source-range`, which knows only the form `bytes=first-last`, within the source.
 * @throws AwsError `InvalidArgument` for another form, `InvalidRange` beyond the source
 */
export function parseCopyRange(
  header: string | undefined,
  sizeBytes: number,
): ByteRange | undefined {
  if (header === undefined) return undefined;
  const match = /^bytes=(\d+)-(\d+)$/.exec(header);
  if (!match) throw s3Error('InvalidArgument', 'x-amz-copy-source-range must be bytes=first-last.');
  const range = { start: Number(match[1]), end: Number(match[2]) };
  if (range.start > range.end || range.end >= sizeBytes) throw s3Error('InvalidRange');
  return range;
}
