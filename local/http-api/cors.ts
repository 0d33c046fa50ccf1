import type { Answer } from './answer.ts';
import type { Cors } from './definition.ts';
import type { ApiRequest } from './request.ts';

/**
 * Adds the API's CORS headers to an answer. Those of the function are taken away: with a CORS
 * configuration, API Gateway ignores them.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
 */
export function withCors(cors: Cors | undefined, request: ApiRequest, answer: Answer): Answer {
  if (!cors) return answer;
  const headers = Object.entries(answer.headers).filter(
    ([name]) => !name.startsWith('access-control-'),
  );
  return { ...answer, headers: { ...Object.fromEntries(headers), ...corsHeaders(cors, request) } };
}

/** None, when the browser asks for what is not allowed. */
function corsHeaders(cors: Cors, { method, headers }: ApiRequest): Record<string, string> {
  const { origin } = headers;
  if (origin === undefined || !allowsOrigin(cors, origin)) return {};
  const allowed = {
    'access-control-allow-origin': cors.allowOrigins.includes('*') ? '*' : origin,
    ...(cors.allowCredentials && { 'access-control-allow-credentials': 'true' }),
  };
  const wantedMethod = headers['access-control-request-method'];
  if (method === 'OPTIONS' && wantedMethod !== undefined) {
    const wantedHeaders = (headers['access-control-request-headers'] ?? '')
      .split(',')
      .map((name) => name.trim())
      .filter(Boolean);
    if (!allows(cors.allowMethods, [wantedMethod])) return {};
    if (!allows(cors.allowHeaders, wantedHeaders)) return {};
    return {
      ...allowed,
      'access-control-allow-methods': cors.allowMethods.join(','),
      'access-control-allow-headers': cors.allowHeaders.join(','),
      ...(cors.maxAgeSeconds !== undefined && {
        'access-control-max-age': String(cors.maxAgeSeconds),
      }),
    };
  }
  return {
    ...allowed,
    ...(cors.exposeHeaders.length > 0 && {
      'access-control-expose-headers': cors.exposeHeaders.join(','),
    }),
  };
}

/** `https://*` allows every origin that begins so; there are no other patterns. */
function allowsOrigin({ allowOrigins }: Cors, origin: string): boolean {
  return allowOrigins.some(
    (allowed) =>
      allowed === '*' ||
      allowed === origin ||
      (/^https?:\/\/\*$/.test(allowed) && origin.startsWith(allowed.slice(0, -1))),
  );
}

function allows(allowed: readonly string[], wanted: readonly string[]): boolean {
  if (allowed.includes('*')) return true;
  const names = new Set(allowed.map((name) => name.toLowerCase()));
  return wanted.every((name) => names.has(name.toLowerCase()));
}
