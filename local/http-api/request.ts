import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { newTraceId } from '../lambda/trace-header.ts';
import { ApiError } from './api-error.ts';

/** A request as API Gateway reads it. */
export interface ApiRequest {
  readonly requestId: string;
  readonly receivedAtMs: number;
  readonly method: string;
  /** `HTTP/1.1` */
  readonly protocol: string;
  /** Decoded, without the query. */
  readonly path: string;
  readonly rawQueryString: string;
  /** By lower-case name, those of one name joined by commas; without cookies. */
  readonly headers: Readonly<Record<string, string>>;
  /** `name=value` */
  readonly cookies: readonly string[];
  readonly sourceIp: string;
  /** @throws ApiError 400 or 413 */
  readBody(): Promise<Buffer>;
}

/** Quota "Payload size" of HTTP APIs. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;
/** They are between the client and API Gateway. */
const CONNECTION_HEADERS = [
  'connection',
  'expect',
  'keep-alive',
  'te',
  'transfer-encoding',
  'upgrade',
];

/** @throws ApiError 400 */
export function readRequest(message: IncomingMessage): ApiRequest {
  const target = message.url ?? '/';
  const queryAt = target.indexOf('?');
  const sourceIp = message.socket.remoteAddress ?? '127.0.0.1';
  const { cookie, ...headers } = joinedHeaders(message.rawHeaders);
  return {
    // As long as those of AWS, and ending like them.
    requestId: randomBytes(11).toString('base64'),
    receivedAtMs: Date.now(),
    method: message.method ?? 'GET',
    protocol: `HTTP/${message.httpVersion}`,
    path: decodedPath(queryAt < 0 ? target : target.slice(0, queryAt)),
    rawQueryString: queryAt < 0 ? '' : target.slice(queryAt + 1),
    headers: {
      ...headers,
      // The function's trace begins here, unless the client has begun it.
      'x-amzn-trace-id': headers['x-amzn-trace-id'] ?? `Root=${newTraceId()}`,
      'x-forwarded-for': [headers['x-forwarded-for'], sourceIp].filter(Boolean).join(', '),
      'x-forwarded-port': String(message.socket.localPort),
      'x-forwarded-proto': 'http',
    },
    cookies: cookie?.split(/;\s*/).filter(Boolean) ?? [],
    sourceIp,
    readBody: () => readBody(message),
  };
}

/**
 * API Gateway decodes the path before it looks for a route: `%2F` parts segments, and what follows a
 * `%3F` is lost (measured: https://github.com/hotsock/voker/pull/8).
 */
function decodedPath(path: string): string {
  if (!path.startsWith('/')) throw new ApiError(400, 'Bad Request');
  try {
    return decodeURIComponent(path).split('?')[0] as string;
  } catch {
    throw new ApiError(400, 'Bad Request');
  }
}

/** From the raw list: Node.js itself drops the repetitions of some headers. */
function joinedHeaders(rawHeaders: readonly string[]): Record<string, string> {
  const joined = new Map<string, string>();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] as string).toLowerCase();
    const value = rawHeaders[at + 1] as string;
    const before = joined.get(name);
    const separator = name === 'cookie' ? '; ' : ',';
    joined.set(name, before === undefined ? value : `${before}${separator}${value}`);
  }
  for (const name of CONNECTION_HEADERS) joined.delete(name);
  return Object.fromEntries(joined);
}

async function readBody(message: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    // To its end even when it is too long: a client that still sends does not hear the answer.
    for await (const part of message as AsyncIterable<Buffer>) {
      bytes += part.length;
      if (bytes <= MAX_BODY_BYTES) parts.push(part);
      else parts.length = 0;
    }
  } catch {
    throw new ApiError(400, 'Bad Request', { detail: 'The client hung up.' });
  }
  if (bytes > MAX_BODY_BYTES) throw new ApiError(413, 'Request Entity Too Large');
  return Buffer.concat(parts);
}
