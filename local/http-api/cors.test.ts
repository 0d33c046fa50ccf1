import { afterEach, describe, expect, it } from 'vitest';
import type { Cors } from './index.ts';
import { rawRequest, route, startTestApi, type TestApi } from './testing.ts';

const CORS: Cors = {
  allowOrigins: ['http://localhost:4000', 'https://*'],
  allowMethods: ['GET', 'POST'],
  allowHeaders: ['authorization'],
  exposeHeaders: ['etag'],
  allowCredentials: true,
  maxAgeSeconds: 10,
};

let api: TestApi;
afterEach(() => api?.close());

const start = async (cors: Cors | undefined, ...routeKeys: string[]) => {
  api = await startTestApi({ cors, routes: routeKeys.map((key) => route(key)) });
};
const preflight = (headers: Record<string, string>) => ({
  method: 'OPTIONS',
  headers: { origin: 'http://localhost:4000', 'access-control-request-method': 'GET', ...headers },
});
const ask = async (path: string, init: Parameters<typeof rawRequest>[2]) => {
  const { status, headers } = await rawRequest(api.url, path, init);
  const cors = Object.entries(headers).filter(([name]) => name.startsWith('access-control-'));
  return { status, cors: Object.fromEntries(cors) };
};

describe('a preflight request', () => {
  const allowed = {
    'access-control-allow-origin': 'http://localhost:4000',
    'access-control-allow-credentials': 'true',
    'access-control-allow-methods': 'GET,POST',
    'access-control-allow-headers': 'authorization',
    'access-control-max-age': '10',
  };

  it.each([
    ['', {}, allowed],
    ['with a header', { 'access-control-request-headers': 'Authorization' }, allowed],
    [
      'from an origin that begins right',
      { origin: 'https://a.b' },
      { ...allowed, 'access-control-allow-origin': 'https://a.b' },
    ],
    ['from elsewhere', { origin: 'http://localhost:3000' }, {}],
    ['for another method', { 'access-control-request-method': 'DELETE' }, {}],
    ['for another header', { 'access-control-request-headers': 'authorization, x-odd' }, {}],
  ])('%s is answered by the API, not by a function', async (_what, headers, cors) => {
    await start(CORS, 'GET /pets');
    expect(await ask('/pets', preflight(headers))).toEqual({ status: 204, cors });
    expect(api.events).toEqual([]);
  });

  it('is a route’s to answer where one takes OPTIONS', async () => {
    await start(CORS, 'ANY /pets');
    expect(await ask('/pets', preflight({}))).toEqual({ status: 200, cors: allowed });
    expect(api.events).toHaveLength(1);
  });

  it('finds nothing where there is no CORS configuration', async () => {
    await start(undefined, 'GET /pets');
    expect(await ask('/pets', preflight({}))).toEqual({ status: 404, cors: {} });
  });
});

describe('a request', () => {
  it('gets the API’s headers, and not those of the function', async () => {
    await start(CORS, 'GET /pets');
    const headers = { 'Access-Control-Allow-Origin': '*', 'access-control-max-age': '9' };
    api.returns({ statusCode: 200, headers });
    expect(await ask('/pets', { headers: { origin: 'https://a.b' } })).toEqual({
      status: 200,
      cors: {
        'access-control-allow-origin': 'https://a.b',
        'access-control-allow-credentials': 'true',
        'access-control-expose-headers': 'etag',
      },
    });
    expect(await ask('/pets', { headers: { origin: 'http://a.b' } })).toMatchObject({ cors: {} });
    expect(await ask('/pets', {})).toEqual({ status: 200, cors: {} });
  });

  it('gets * where every origin may ask', async () => {
    await start({ ...CORS, allowOrigins: ['*'], allowCredentials: false }, 'GET /pets');
    const { cors } = await ask('/nowhere', { headers: { origin: 'null' } });
    expect(cors).toMatchObject({ 'access-control-allow-origin': '*' });
  });
});
