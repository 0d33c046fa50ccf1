import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type {
  APIGatewayProxyEventV2,
  APIGatewayProxyStructuredResultV2,
  Context,
} from 'aws-lambda';
import { TransientError } from '../errors.ts';
import { instrumented } from '../handler/middleware.ts';
import { logger, tracer } from '../observability/telemetry.ts';
import type { HttpProblem } from './problem.ts';
import { problemOf } from './problem-of.ts';
import { readRequest } from './read-request.ts';
import type { RouteAnswer, RouteDefinition, RouteRequest } from './route.ts';

const CORRELATION_ID = /^[\w.-]{1,128}$/;

type Work<Route extends RouteDefinition> = (
  request: RouteRequest<Route>,
  /** Fires shortly before Lambda's timeout. */
  signal: AbortSignal,
) => Promise<RouteAnswer>;

/**
 * A Lambda handler for one route of the HTTP API: checks the request against its definition, ties log lines
 * and the trace to the caller's correlation id, and answers errors as problems. Nothing is thrown: nobody
 * would try again.
 */
export function routeHandler<Route extends RouteDefinition>(route: Route, work: Work<Route>) {
  return instrumented().handler(
    async (
      input: unknown,
      _context: Context,
      { signal }: { signal: AbortSignal },
    ): Promise<APIGatewayProxyStructuredResultV2> => {
      // Made by API Gateway, never by the caller: only what the event carries is to be checked.
      const event = input as APIGatewayProxyEventV2;
      const correlationId = correlationIdOf(event);
      logger.appendKeys({ operationId: route.operationId, correlationId });
      tracer.putAnnotation('correlationId', correlationId);
      try {
        const request = readRequest(route, event, correlationId);
        logger.appendKeys({ tenantId: request.tenantId, ...Object(request.path) });
        const answer = await Promise.race([work(request, signal), outOfTime(signal)]);
        return resultOf(answer, correlationId);
      } catch (error) {
        const problem = problemOf(signal.aborted ? tooLate(error) : error);
        if (problem.status >= 500) logger.error('The request failed', { error });
        else logger.info('The request was refused', { code: problem.code, field: problem.field });
        return resultOf(answerOf(problem, event.rawPath, correlationId), correlationId);
      }
    },
  );
}

/** What is at work may tidy up for so long; Lambda stops the clock 2 s after that. */
const TIDY_UP_MS = 1_000;

/** Lambda's own time-out would be a bare 500. @returns never; rejects shortly after the signal has fired */
async function outOfTime(signal: AbortSignal): Promise<never> {
  if (!signal.aborted) await once(signal, 'abort');
  await sleep(TIDY_UP_MS, undefined, { ref: false });
  throw tooLate();
}

const tooLate = (cause?: unknown) =>
  new TransientError(
    'FUNCTION_TIMED_OUT',
    'The answer was not ready in time: try again; if that does not help, ask for less at a time.',
    { cause },
  );

/** The caller's own, where it can be used; else the one that API Gateway made. */
function correlationIdOf({ headers, requestContext }: APIGatewayProxyEventV2): string {
  const given = headers['x-correlation-id'];
  return given && CORRELATION_ID.test(given) ? given : requestContext.requestId;
}

/** A problem as RFC 9457 has it. */
const answerOf = (problem: HttpProblem, instance: string, correlationId: string): RouteAnswer => ({
  status: problem.status,
  headers: { ...problem.headers, 'Content-Type': 'application/problem+json' },
  body: JSON.stringify({
    type: `urn:splicebus:problem:${problem.code.toLowerCase().replaceAll('_', '-')}`,
    title: titleOf(problem.code),
    status: problem.status,
    detail: problem.message,
    instance,
    code: problem.code,
    ...(problem.field === undefined ? {} : { field: problem.field }),
    ...problem.members,
    correlationId,
  }),
});

/** `CLIP_NOT_READY` → `Clip not ready`: the same for every problem of a code, as the RFC asks. */
const titleOf = (code: string): string =>
  code.charAt(0) + code.slice(1).toLowerCase().replaceAll('_', ' ');

function resultOf(
  { status, headers, json, body }: RouteAnswer,
  correlationId: string,
): APIGatewayProxyStructuredResultV2 {
  const isBytes = Buffer.isBuffer(body);
  const text = json === undefined ? body : JSON.stringify(json);
  return {
    statusCode: status,
    headers: {
      ...(json === undefined ? {} : { 'Content-Type': 'application/json' }),
      // What one tenant was told is nobody else's, unless the answer says otherwise.
      'Cache-Control': 'private, no-store',
      'X-Content-Type-Options': 'nosniff',
      ...headers,
      'X-Correlation-Id': correlationId,
    },
    ...(text === undefined ? {} : { body: isBytes ? body.toString('base64') : String(text) }),
    ...(isBytes ? { isBase64Encoded: true } : {}),
  };
}
