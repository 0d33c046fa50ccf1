import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { PermanentError, TransientError } from '../errors.ts';
import { idSchema } from '../ids.ts';
import { HttpProblem } from './problem.ts';
import type { RouteAnswer, RouteDefinition, RouteRequest } from './route.ts';
import { routeHandler } from './route-handler.ts';

const Route = {
  operationId: 'try',
  method: 'POST',
  path: '/api/v1/things/{thing_id}',
  summary: 'Tries.',
  access: 'tenant',
  pathSchema: z.object({ thing_id: idSchema }),
  querySchema: z.object({ limit: z.coerce.number().int().max(10).default(5) }),
  bodySchema: z.looseObject({ clips: z.array(z.object({ at: z.number() })) }),
  answers: { 200: { description: 'Done.' } },
  problems: {},
} as const satisfies RouteDefinition;

vi.hoisted(() =>
  Object.assign(process.env, {
    TENANT_CLAIM: 'tenantId',
    POWERTOOLS_LOG_LEVEL: 'SILENT',
    POWERTOOLS_METRICS_DISABLED: 'true',
  }),
);

interface Sent {
  claims?: Record<string, unknown>;
  headers?: Record<string, string>;
  body?: string;
  isBase64Encoded?: boolean;
  thing?: string;
  query?: Record<string, string>;
}

const eventOf = (sent: Sent) =>
  ({
    rawPath: '/api/v1/things/one',
    headers: { 'content-type': 'application/json', ...sent.headers },
    pathParameters: { thing_id: sent.thing ?? 'one' },
    queryStringParameters: sent.query,
    body: sent.body ?? '{"clips": []}',
    isBase64Encoded: sent.isBase64Encoded ?? false,
    requestContext: {
      requestId: 'made-by-the-api',
      authorizer: { jwt: { claims: sent.claims ?? { tenantId: 'acme' }, scopes: null } },
    },
  }) as unknown as APIGatewayProxyEventV2;

async function call(
  sent: Sent,
  work: (request: RouteRequest<typeof Route>) => Promise<RouteAnswer> = async () => ({
    status: 200,
    json: {},
  }),
  route: RouteDefinition = Route,
  remainingMs = 30_000,
): Promise<APIGatewayProxyStructuredResultV2> {
  const handler = routeHandler(route as typeof Route, work);
  const context = { awsRequestId: 'x', getRemainingTimeInMillis: () => remainingMs };
  return (await handler(eventOf(sent), context as never)) as APIGatewayProxyStructuredResultV2;
}

const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);

const problemOf = ({ body, headers }: APIGatewayProxyStructuredResultV2) => {
  expect(headers?.['Content-Type']).toBe('application/problem+json');
  return JSON.parse(body!);
};

describe('routeHandler', () => {
  it('hands over what was checked, with the tenant of the token', async () => {
    let seen: RouteRequest<typeof Route> | undefined;
    const answer = await call(
      { body: '{"clips": [{"at": 1}], "tenantId": "globex"}' },
      async (r) => {
        seen = r;
        return { status: 202, json: { ok: true } };
      },
    );
    expect(seen).toMatchObject({
      tenantId: 'acme',
      path: { thing_id: 'one' },
      query: { limit: 5 },
      body: { clips: [{ at: 1 }] },
    });
    expect(answer).toMatchObject({
      statusCode: 202,
      body: '{"ok":true}',
      headers: { 'Cache-Control': 'private, no-store', 'X-Correlation-Id': 'made-by-the-api' },
    });
  });

  it.each<[what: string, sent: Sent, status: number, code: string, field?: string]>([
    ['a field of the body', { body: '{"clips":[{}]}' }, 400, 'REQUEST_INVALID', 'clips.0.at'],
    ['no JSON', { body: '{' }, 400, 'BODY_NOT_JSON'],
    ['an empty body', { body: '' }, 400, 'BODY_NOT_JSON'],
    ['a query', { query: { limit: '11' } }, 400, 'REQUEST_INVALID', 'limit'],
    ['a path', { thing: '../x' }, 400, 'REQUEST_INVALID', 'thing_id'],
    ['a deep list', { body: `{"clips": ${deep(5_000)}}` }, 400, 'REQUEST_INVALID'],
    ['a list that is just too deep', { body: `{"clips": ${deep(32)}}` }, 400, 'REQUEST_INVALID'],
    ['a form', { headers: { 'content-type': 'text/plain' } }, 415, 'CONTENT_TYPE_UNSUPPORTED'],
    ['a large body', { body: `"${'x'.repeat(205_000)}"` }, 413, 'BODY_TOO_LARGE'],
    ['no tenant', { claims: {} }, 403, 'TENANT_MISSING'],
    ['a tenant of ours', { claims: { tenantId: 'processing' } }, 403, 'TENANT_MISSING'],
    ['a tenant with a key in it', { claims: { tenantId: 'a#b' } }, 403, 'TENANT_MISSING'],
  ])('refuses %s', async (_what, sent, status, code, field) => {
    const answer = await call(sent, () => Promise.reject(new Error('It must not get here.')));
    expect(answer.statusCode).toBe(status);
    const problem = problemOf(answer);
    expect(problem).toMatchObject({ status, code, correlationId: 'made-by-the-api' });
    expect(problem.field).toBe(field);
    expect(problem.type).toMatch(/^urn:splicebus:problem:[a-z-]+$/);
  });

  it('reads a body that the API has encoded', async () => {
    const body = Buffer.from('{"clips": []}').toString('base64');
    expect((await call({ body, isBase64Encoded: true })).statusCode).toBe(200);
  });

  it.each([
    ['scope', 'openid splicebus/admin'],
    ['scp', '[openid splicebus/admin]'],
  ])('knows who may mend by %s', async (claim, value) => {
    const admin = { ...Route, access: 'admin' } as const;
    const may = { claims: { tenantId: 'acme', [claim]: value } };
    expect((await call(may, undefined, admin)).statusCode).toBe(200);
    const mayNot = { claims: { tenantId: 'acme', [claim]: 'splicebus/administrate' } };
    const answer = await call(mayNot, undefined, admin);
    expect(answer.statusCode).toBe(403);
    expect(problemOf(answer).code).toBe('SCOPE_MISSING');
  });

  it.each([
    ['an object', '{"note": "x splicebus/admin y"}'],
    ['an object in a list', '[{"is": splicebus/admin } x splicebus/admin y]'],
    ['a map', 'map[a:x splicebus/admin b:y]'],
    ['an object that nobody wrote as text', { 'splicebus/admin': true }],
  ])('grants nothing by a scope that is %s', async (_, scope) => {
    const admin = { ...Route, access: 'admin' } as const;
    const answer = await call({ claims: { tenantId: 'acme', scope } }, undefined, admin);
    expect([answer.statusCode, problemOf(answer).code]).toEqual([403, 'SCOPE_MISSING']);
  });

  it.each([
    [new HttpProblem(425, 'CLIP_NOT_READY', 'Wait.', { headers: { 'Retry-After': '2' } }), 425],
    [new PermanentError('EPISODE_NOT_FOUND', 'There is none.'), 404],
    [new PermanentError('CLIP_INVALID', 'It does not fit.'), 400],
    [new TransientError('PUBLISH_FAILED', 'Not now.'), 503],
    [new Error('The password is hunter2'), 500],
  ])('answers %s', async (error, status) => {
    const answer = await call({}, () => Promise.reject(error));
    expect(answer.statusCode).toBe(status);
    expect(problemOf(answer).status).toBe(status);
    expect(answer.body).not.toContain('hunter2');
  });

  it('answers before Lambda stops it, even where the work does not listen', async () => {
    const deaf = () => new Promise<RouteAnswer>(() => {});
    const answer = await call({}, deaf, Route, 3_050);
    expect(answer).toMatchObject({ statusCode: 503, headers: { 'Retry-After': '2' } });
    const { code, detail } = problemOf(answer);
    expect(code).toBe('FUNCTION_TIMED_OUT');
    expect(detail).toMatch(/^The answer was not ready in time: try again/);
  });

  it('takes a correlation id of the caller, if it can be used', async () => {
    const own = await call({ headers: { 'x-correlation-id': 'mine-1' } });
    expect(own.headers?.['X-Correlation-Id']).toBe('mine-1');
    const bad = await call({ headers: { 'x-correlation-id': 'a\r\nSet-Cookie: b' } });
    expect(bad.headers?.['X-Correlation-Id']).toBe('made-by-the-api');
  });

  it('sends bytes as they are', async () => {
    const bytes = Buffer.from([0xff, 0xd8, 0x00]);
    const answer = await call({}, async () => ({ status: 200, body: bytes }));
    expect(answer).toMatchObject({ isBase64Encoded: true, body: bytes.toString('base64') });
  });
});
