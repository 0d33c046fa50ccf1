import { AwsError } from '../gateway/service.ts';
import type { InvocationResult } from '../lambda/index.ts';
import type { Trail } from './access-log.ts';
import { type Answer, answerOf, errorAnswer, NO_CONTENT } from './answer.ts';
import { ApiError } from './api-error.ts';
import { withCors } from './cors.ts';
import { type ApiDefinition, type Route, STAGE } from './definition.ts';
import { eventOf } from './event.ts';
import { authorize } from './jwt/authorize.ts';
import { createIssuerKeys } from './jwt/issuer-keys.ts';
import type { ApiRequest } from './request.ts';
import { createRouteTable } from './routes.ts';
import { createThrottle } from './throttle.ts';

/** What an API needs of the services behind it. */
export interface Integrations {
  readonly accountId: string;
  readonly region: string;
  invoke(
    functionArn: string,
    event: object,
    options: { traceHeader?: string },
  ): Promise<InvocationResult>;
  /** Does the function's policy let this route invoke it? */
  mayInvoke(functionArn: string, sourceArn: string): boolean;
}

/** Answers requests; never throws. What it finds out on the way is noted in the trail. */
export type Api = (request: ApiRequest, trail: Trail) => Promise<Answer>;

/** Lambda's quota for what a function is called with. */
const MAX_EVENT_BYTES = 6 * 1024 * 1024;

/** @throws Error when a route key is malformed, or there twice */
export function createApi(definition: ApiDefinition, integrations: Integrations): Api {
  const findRoute = createRouteTable(definition.routes);
  const admit = createThrottle(definition.throttle);
  const issuerKeys = createIssuerKeys();
  const identity = { apiId: definition.apiId, accountId: integrations.accountId };

  return async (request, trail) => {
    const answer = await answerTo(request, trail).catch((error: unknown) => {
      if (error instanceof ApiError) return errorAnswer(error);
      console.error(error);
      return errorAnswer(new ApiError(500, 'Internal Server Error'));
    });
    return withCors(definition.cors, request, answer);
  };

  async function answerTo(request: ApiRequest, trail: Trail): Promise<Answer> {
    if (!admit()) throw new ApiError(429, 'Too Many Requests');
    const match = findRoute(request.method, request.path);
    if (!match) {
      // Preflight requests are the API's own to answer, unless a route takes OPTIONS.
      if (definition.cors && request.method === 'OPTIONS') return NO_CONTENT;
      throw new ApiError(404, 'Not Found');
    }
    trail.routeKey = match.route.routeKey;
    const token = await authorize(match.route, request, issuerKeys).catch((error: unknown) => {
      trail.authorizerError = detailOf(error);
      throw error;
    });
    trail.claims = token?.claims;
    const event = eventOf(identity, request, match, await request.readBody(), token);
    if (Buffer.byteLength(JSON.stringify(event)) > MAX_EVENT_BYTES) {
      throw new ApiError(413, 'Request Entity Too Large');
    }
    const startedAtMs = Date.now();
    try {
      return answerOf(await invoke(match.route, request, event));
    } catch (error) {
      trail.integrationError = detailOf(error);
      throw error;
    } finally {
      trail.integrationLatencyMs = Date.now() - startedAtMs;
    }
  }

  async function invoke(
    route: Route,
    { method, headers }: ApiRequest,
    event: object,
  ): Promise<InvocationResult> {
    const { functionArn, timeoutMs } = route;
    const sourceArn = sourceArnOf(route, method);
    if (!integrations.mayInvoke(functionArn, sourceArn)) {
      const detail = `${functionArn} does not allow lambda:InvokeFunction to ${sourceArn}.`;
      throw new ApiError(500, 'Internal Server Error', { detail });
    }
    const invocation = integrations.invoke(functionArn, event, {
      traceHeader: headers['x-amzn-trace-id'],
    });
    return within(timeoutMs, invocation).catch((error: unknown) => {
      // A function that is throttled, or is just being stopped.
      if (!(error instanceof AwsError)) throw error;
      throw new ApiError(503, 'Service Unavailable', { detail: error.message });
    });
  }

  /** What a function's permission names: the route's path with its variables, but the real method. */
  function sourceArnOf({ routeKey }: Route, method: string): string {
    const { accountId, region } = integrations;
    const [, path] = routeKey.split(' ');
    const resource = path === undefined ? routeKey : `${method}${path}`;
    return `arn:aws:execute-api:${region}:${accountId}:${definition.apiId}/${STAGE}/${resource}`;
  }
}

function detailOf(error: unknown): string {
  return error instanceof ApiError ? error.detail : String(error);
}

/** @throws ApiError 503 when the time is over; the work goes on */
async function within<T>(limitMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    const detail = `The function did not answer within ${limitMs} ms.`;
    const timeout = new ApiError(503, 'Service Unavailable', { detail });
    timer = setTimeout(() => reject(timeout), limitMs);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
