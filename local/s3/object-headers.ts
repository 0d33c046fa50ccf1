import { contentCodings } from './body.ts';
import { s3Error } from './errors.ts';
import type { StoredObject } from './object-store.ts';
import type { S3Request } from './request.ts';

/** Headers that a client may set on an object, and override on a presigned read. */
const CONTENT_HEADERS = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
] as const;

/** What a write asks to be kept and sent back with the object. */
export function headersToKeep(request: S3Request): Record<string, string> {
  const headers: Record<string, string> = { 'content-type': 'binary/octet-stream' };
  for (const name of CONTENT_HEADERS) {
    const value = request.header(name);
    if (value) headers[name] = value;
  }
  // aws-chunked was the coding of the transfer, and has been undone.
  const codings = contentCodings(headers['content-encoding'] ?? '').filter(
    (coding) => coding !== 'aws-chunked',
  );
  if (codings.length > 0) headers['content-encoding'] = codings.join(',');
  else delete headers['content-encoding'];
  return { ...headers, ...request.metadata };
}

/** What every answer about an object carries. */
export function validatorHeaders(object: StoredObject): Record<string, string> {
  return {
    etag: `"${object.etag}"`,
    'last-modified': new Date(object.lastModifiedMs).toUTCString(),
  };
}

/**
 * The `response-content-disposition` and its like of a query, by the header they override.
 * @throws AwsError `InvalidArgument` for line breaks and other control characters
 */
export function overrides(query: URLSearchParams): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of CONTENT_HEADERS) {
    const value = query.get(`response-${name}`);
    if (value && /\p{Cc}/u.test(value)) {
      throw s3Error('InvalidArgument', `response-${name} holds what no header can.`);
    }
    // A header line holds bytes, which Node takes from the low half of UTF-16 units.
    if (value) headers[name] = Buffer.from(value, 'utf8').toString('latin1');
  }
  return headers;
}
