import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Answer } from './answer.ts';
import { STAGE } from './definition.ts';
import { type ApiIdentity, domainNameOf, requestTime } from './event.ts';
import type { ApiRequest } from './request.ts';

/** What became of a request on its way, as far as it came. */
export interface Trail {
  routeKey?: string;
  claims?: Readonly<Record<string, string>>;
  authorizerError?: string;
  integrationError?: string;
  integrationLatencyMs?: number;
}

/** Writes a line about an answered request. */
export type AccessLog = (request: ApiRequest, answer: Answer, trail: Trail) => void;

const VARIABLE = /\$context\.([\w.:/-]*\w)/g;

/**
 * The access log of a stage, in the format of its template, as a file.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
 */
export function createAccessLog(
  format: string | undefined,
  file: string,
  identity: ApiIdentity,
): AccessLog {
  if (format === undefined) return () => {};
  mkdirSync(dirname(file), { recursive: true });
  return (request, answer, trail) => {
    const values = valuesOf(identity, request, answer, trail);
    const line = format.replace(VARIABLE, (_match, name) => {
      const value = Object.hasOwn(values, name) ? values[name] : undefined;
      // Escaped as inside a JSON string: a decoded path may hold line breaks.
      return value === undefined ? '-' : JSON.stringify(String(value)).slice(1, -1);
    });
    appendFileSync(file, `${line}\n`);
  };
}

function valuesOf(
  { apiId, accountId }: ApiIdentity,
  request: ApiRequest,
  answer: Answer,
  trail: Trail,
): Record<string, string | number | undefined> {
  const domainName = domainNameOf(request);
  const claims = Object.entries(trail.claims ?? {});
  return {
    accountId,
    apiId,
    'authorizer.error': trail.authorizerError,
    ...Object.fromEntries(claims.map(([name, value]) => [`authorizer.claims.${name}`, value])),
    domainName,
    domainPrefix: domainName.split('.')[0],
    extendedRequestId: request.requestId,
    httpMethod: request.method,
    'identity.sourceIp': request.sourceIp,
    'identity.userAgent': request.headers['user-agent'],
    integrationErrorMessage: trail.integrationError,
    integrationLatency: trail.integrationLatencyMs,
    path: request.path,
    protocol: request.protocol,
    requestId: request.requestId,
    requestTime: requestTime(request),
    requestTimeEpoch: Math.floor(request.receivedAtMs / 1000),
    responseLatency: Date.now() - request.receivedAtMs,
    responseLength: answer.body.length,
    routeKey: trail.routeKey,
    stage: STAGE,
    status: answer.statusCode,
  };
}
