import type { IncomingMessage } from 'node:http';
import { isLocalHost } from '../gateway/loopback.ts';

/** What pages of other origins may do with a bucket's objects. Origins and headers may hold one `*`. */
export interface CorsRule {
  readonly allowedOrigins: readonly string[];
  readonly allowedMethods: readonly string[];
  readonly allowedHeaders: readonly string[];
  readonly exposedHeaders: readonly string[];
  readonly maxAgeSeconds?: number;
}

/**
 * The CORS headers of an answer, preflights included; `undefined` where the page may not have it. Unlike S3, only
 * pages of this machine may have any: here, nobody checks signatures, and a page of the world must not read what
 * is on a laptop.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html
 */
export function corsHeaders(
  rules: readonly CorsRule[],
  { method = 'GET', headers }: Pick<IncomingMessage, 'method' | 'headers'>,
): Record<string, string> | undefined {
  const { origin } = headers;
  if (origin === undefined || !isOfThisMachine(origin)) return undefined;
  const isPreflight = method === 'OPTIONS';
  const wantedMethod = isPreflight ? headers['access-control-request-method'] : method;
  const wantedHeaders = isPreflight ? listOf(headers['access-control-request-headers']) : [];
  const rule = rules.find(
    ({ allowedOrigins, allowedMethods, allowedHeaders }) =>
      matchesAny(allowedOrigins, origin) &&
      allowedMethods.includes(wantedMethod ?? '') &&
      wantedHeaders.every((name) => matchesAny(allowedHeaders, name)),
  );
  if (!rule) return undefined;
  return {
    'access-control-allow-origin': rule.allowedOrigins.includes('*') ? '*' : origin,
    'access-control-allow-methods': rule.allowedMethods.join(', '),
    ...(wantedHeaders.length > 0 && { 'access-control-allow-headers': wantedHeaders.join(', ') }),
    ...(rule.exposedHeaders.length > 0 && {
      'access-control-expose-headers': rule.exposedHeaders.join(', '),
    }),
    ...(isPreflight &&
      rule.maxAgeSeconds !== undefined && { 'access-control-max-age': String(rule.maxAgeSeconds) }),
    vary: 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
  };
}

const isOfThisMachine = (origin: string) =>
  URL.canParse(origin) && isLocalHost(new URL(origin).host);

const listOf = (header = '') =>
  header
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter(Boolean);

function matchesAny(patterns: readonly string[], value: string): boolean {
  return patterns.some((pattern) => {
    const [start = '', end] = pattern.toLowerCase().split('*');
    const text = value.toLowerCase();
    if (end === undefined) return text === start;
    return text.length >= start.length + end.length && text.startsWith(start) && text.endsWith(end);
  });
}
