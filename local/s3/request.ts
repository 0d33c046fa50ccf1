import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { AwsCall } from '../gateway/service.ts';
import { CHECKSUM_ALGORITHMS, checksumHeader } from './checksums.ts';
import { s3Error } from './errors.ts';

/** A request, taken apart. */
export interface S3Request {
  readonly id: string;
  readonly method: string;
  /** Empty for the service itself. */
  readonly bucket: string;
  /** Empty for the bucket itself. */
  readonly key: string;
  readonly query: URLSearchParams;
  /** A header by its lower-case name; a presigned URL may carry `x-amz-*` in the query instead. */
  header(name: string): string | undefined;
  /** All `x-amz-meta-*`. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly body: IncomingMessage;
  readonly sourceIpAddress: string;
  readonly call: AwsCall;
}

const MAX_KEY_BYTES = 1024;

/** An id for a request, of the kind S3 gives. */
export function newRequestId(): string {
  return randomBytes(8).toString('hex').toUpperCase();
}

/**
 * Takes a path-style request (`/bucket/key?query`) apart.
 * @throws AwsError `InvalidURI`, `KeyTooLongError`
 */
export function readRequest(message: IncomingMessage, call: AwsCall, id: string): S3Request {
  // Not through URL: it would resolve the `..` that keys may hold.
  const url = message.url ?? '/';
  const queryAt = url.indexOf('?');
  const path = queryAt === -1 ? url : url.slice(0, queryAt);
  const query = new URLSearchParams(queryAt === -1 ? '' : url.slice(queryAt + 1));
  const [, bucket = '', key = ''] = /^\/([^/]*)\/?(.*)$/s.exec(decodePath(path)) ?? [];
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) throw s3Error('KeyTooLongError');
  const headers = { ...presignedHeaders(query), ...plainHeaders(message) };
  return {
    id,
    method: message.method ?? 'GET',
    bucket,
    key,
    query,
    header: (name) => headers[name],
    metadata: Object.fromEntries(
      Object.entries(headers).filter(([name]) => name.startsWith('x-amz-meta-')),
    ),
    body: message,
    sourceIpAddress: (message.socket.remoteAddress ?? '').replace(/^::ffff:/, ''),
    call,
  };
}

/** Decodes percent-encoding; a `+` is a plus. */
function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw s3Error('InvalidURI');
  }
}

function plainHeaders(message: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(message.headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(',') : value]],
    ),
  );
}

/**
 * The headers that presigning has moved into the query. Checksums are left out, as in S3: the SDK
 * presigns that of an empty body, which no upload could match.
 */
function presignedHeaders(query: URLSearchParams): Record<string, string> {
  const ignored = new Set(CHECKSUM_ALGORITHMS.map(checksumHeader));
  const headers: Record<string, string> = {};
  for (const [name, value] of query) {
    const lower = name.toLowerCase();
    if (lower.startsWith('x-amz-') && !ignored.has(lower)) headers[lower] = value;
  }
  return headers;
}
