import { STAGE } from './definition.ts';
import type { TokenIdentity } from './jwt/authorize.ts';
import type { ApiRequest } from './request.ts';
import type { RouteMatch } from './routes.ts';

/** Whose API it is. */
export interface ApiIdentity {
  readonly apiId: string;
  readonly accountId: string;
}

/**
 * Content types whose bodies arrive as text; all others are encoded, forms and missing types among
 * them (measured: https://github.com/ministackorg/ministack/pull/766).
 */
const TEXT = /^\s*(text\/[^;]*|application\/(json|xml|javascript))\s*(;|$)/i;

/**
 * The event of a Lambda integration, payload format 2.0. What a request lacks (cookies, a query, path
 * variables, a body, a token), the event lacks, too.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function eventOf(
  { apiId, accountId }: ApiIdentity,
  request: ApiRequest,
  { route, pathParameters }: RouteMatch,
  body: Buffer,
  identity: TokenIdentity | undefined,
): object {
  const { routeKey } = route;
  const { headers, cookies, path, rawQueryString } = request;
  const domainName = domainNameOf(request);
  const isText = TEXT.test(headers['content-type'] ?? '');
  return {
    version: '2.0',
    routeKey,
    rawPath: path,
    rawQueryString,
    ...(cookies.length > 0 && { cookies }),
    headers: {
      ...headers,
      'content-length': String(body.length),
    },
    ...(rawQueryString && { queryStringParameters: joinedQuery(rawQueryString) }),
    requestContext: {
      accountId,
      apiId,
      ...(identity && { authorizer: { jwt: identity } }),
      domainName,
      domainPrefix: domainName.split('.')[0],
      http: {
        method: request.method,
        path,
        protocol: request.protocol,
        sourceIp: request.sourceIp,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: request.requestId,
      routeKey,
      stage: STAGE,
      time: requestTime(request),
      timeEpoch: request.receivedAtMs,
    },
    ...(Object.keys(pathParameters).length > 0 && { pathParameters }),
    ...(body.length > 0 && { body: body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !isText,
  };
}

/** The host that was asked, as with a domain of one's own; here it has a port. */
export function domainNameOf({ headers }: ApiRequest): string {
  return headers.host ?? '';
}

/** In the Common Log Format: `12/Mar/2020:19:03:58 +0000`. */
export function requestTime({ receivedAtMs }: ApiRequest): string {
  const [, day, month, year, time] = new Date(receivedAtMs).toUTCString().split(' ');
  return `${day}/${month}/${year}:${time} +0000`;
}

function joinedQuery(rawQueryString: string): Record<string, string> {
  const joined = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(rawQueryString)) {
    const before = joined.get(name);
    joined.set(name, before === undefined ? value : `${before},${value}`);
  }
  return Object.fromEntries(joined);
}
