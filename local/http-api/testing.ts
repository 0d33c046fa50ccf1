import { mkdtempSync, rmSync } from 'node:fs';
import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { APIGatewayProxyEventV2WithJWTAuthorizer } from 'aws-lambda';
import type { InvocationResult } from '../lambda/index.ts';
import type { Integrations } from './api.ts';
import { type ApiDefinition, type Route, startHttpApi } from './index.ts';

/** An HTTP API whose functions are replaced by one that returns what it is told to. */
export interface TestApi {
  readonly url: string;
  /** What the function was called with. */
  readonly events: APIGatewayProxyEventV2WithJWTAuthorizer[];
  readonly accessLogPath: string;
  /** The function's result from now on. */
  returns(payload: unknown, functionError?: InvocationResult['functionError']): void;
  close(): Promise<void>;
}

export const API_ID = 'abcdefghij';
export const FUNCTION_ARN = 'arn:aws:lambda:us-east-1:123456789012:function:echo';

/** A route that anybody may call. */
export const route = (routeKey: string, change: Partial<Route> = {}): Route => ({
  routeKey,
  functionArn: FUNCTION_ARN,
  timeoutMs: 30_000,
  scopes: [],
  ...change,
});

export async function startTestApi(
  definition: Partial<ApiDefinition>,
  integrations: Partial<Integrations> = {},
): Promise<TestApi> {
  const folder = mkdtempSync(join(tmpdir(), 'splicebus-http-api-'));
  const accessLogPath = join(folder, 'access.log');
  const events: APIGatewayProxyEventV2WithJWTAuthorizer[] = [];
  let result: Pick<InvocationResult, 'payload' | 'functionError'> = { payload: { ok: true } };
  const api = await startHttpApi({
    port: 0,
    accountId: '123456789012',
    region: 'us-east-1',
    accessLogPath,
    async invoke(_functionArn, event) {
      events.push(event as APIGatewayProxyEventV2WithJWTAuthorizer);
      return { requestId: 'id', logTail: '', ...result };
    },
    mayInvoke: () => true,
    ...integrations,
  });
  api.serve({ apiId: API_ID, routes: [route('$default')], ...definition });
  return {
    url: api.url,
    events,
    accessLogPath,
    returns(payload, functionError) {
      result = { payload, functionError };
    },
    async close() {
      await api.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** One request as it is: `fetch` would tidy up its path and join its headers. */
export async function rawRequest(
  url: string,
  path: string,
  options: { method?: string; headers?: OutgoingHttpHeaders; body?: string } = {},
): Promise<{ status: number; headers: IncomingHttpHeaders; body: string }> {
  const { method = 'GET', headers, body } = options;
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    request({ hostname, port, path, method, headers }, async (response) => {
      const status = response.statusCode as number;
      resolve({ status, headers: response.headers, body: await text(response) });
    })
      .on('error', reject)
      .end(body);
  });
}
