import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { InvocationResult } from '../lambda/index.ts';
import { ApiError } from './api-error.ts';

/** What the client gets. */
export interface Answer {
  readonly statusCode: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** Each becomes a `set-cookie` header. */
  readonly cookies: readonly string[];
  readonly body: Buffer;
}

const EMPTY = Buffer.alloc(0);
/** Lambda's quota for what a function returns. */
const MAX_RESULT_BYTES = 6 * 1024 * 1024;
/** They belong to the connection, which is API Gateway's. */
const CONNECTION_HEADERS = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'transfer-encoding',
]);
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** The answer to a preflight request. */
export const NO_CONTENT: Answer = { statusCode: 204, headers: {}, cookies: [], body: EMPTY };

/** An answer of API Gateway's own. */
export function errorAnswer({ statusCode, message, headers }: ApiError): Answer {
  return {
    statusCode,
    headers: { 'content-type': 'application/json', ...headers },
    cookies: [],
    body: Buffer.from(JSON.stringify({ message })),
  };
}

/**
 * Reads a function's result as payload format 2.0: with a `statusCode` it is a response, else the
 * JSON body of one.
 * @throws ApiError 500 when the function failed, or the response is malformed
 */
export function answerOf({ functionError, payload }: InvocationResult): Answer {
  if (functionError) throw failure(`The function failed: ${JSON.stringify(payload)}`);
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
  if (Buffer.byteLength(text) > MAX_RESULT_BYTES) throw failure('The result exceeds 6 MB.');
  if (isObject(payload) && 'statusCode' in payload) return responseOf(payload);
  return {
    statusCode: 200,
    headers: { 'content-type': 'application/json' },
    cookies: [],
    body: Buffer.from(text),
  };
}

function responseOf(payload: Readonly<Record<string, unknown>>): Answer {
  const { statusCode, headers, cookies, body, isBase64Encoded } = payload;
  if (!Number.isInteger(statusCode) || Number(statusCode) < 200 || Number(statusCode) > 599) {
    throw malformed('statusCode');
  }
  return {
    statusCode: statusCode as number,
    headers: { 'content-type': 'text/plain; charset=utf-8', ...headersOf(headers ?? {}) },
    cookies: cookiesOf(cookies ?? []),
    body: bodyOf(body ?? '', isBase64Encoded === true),
  };
}

function headersOf(headers: unknown): Record<string, string> {
  if (!isObject(headers)) throw malformed('headers');
  const entries = Object.entries(headers).map(([name, value]) => {
    if (!['string', 'number', 'boolean'].includes(typeof value)) throw malformed('headers');
    return [validName(name), validValue(name, String(value))] as const;
  });
  return Object.fromEntries(entries.filter(([name]) => !CONNECTION_HEADERS.has(name)));
}

function cookiesOf(cookies: unknown): string[] {
  if (!Array.isArray(cookies)) throw malformed('cookies');
  return cookies.map((cookie) => {
    if (typeof cookie !== 'string') throw malformed('cookies');
    return validValue('set-cookie', cookie);
  });
}

function bodyOf(body: unknown, isBase64Encoded: boolean): Buffer {
  if (typeof body !== 'string') throw malformed('body');
  if (!isBase64Encoded) return Buffer.from(body);
  if (!BASE64.test(body)) throw malformed('body');
  return Buffer.from(body, 'base64');
}

function validName(name: string): string {
  try {
    validateHeaderName(name);
    return name.toLowerCase();
  } catch {
    throw malformed('headers');
  }
}

/** A line break in a value would begin a header of its own. */
function validValue(name: string, value: string): string {
  try {
    validateHeaderValue(name, value);
    return value;
  } catch {
    throw malformed('headers');
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function malformed(part: string): ApiError {
  return failure(`The function's response is malformed: ${part}.`);
}

function failure(detail: string): ApiError {
  return new ApiError(500, 'Internal Server Error', { detail });
}
