import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { API_ID, rawRequest, route, startTestApi, type TestApi } from './testing.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi({ routes: [route('$default'), route('GET /pets/{id}/{rest+}')] });
});
afterAll(() => api.close());

type Init = Parameters<typeof rawRequest>[2];

async function eventOf(path: string, init?: Init) {
  const { status } = await rawRequest(api.url, path, init);
  expect(status).toBe(200);
  return api.events.at(-1)!;
}

describe('the event of a request', () => {
  it('is the one that AWS documents', async () => {
    const host = new URL(api.url).host;
    const query = 'parameter1=value1&parameter1=value2&parameter2=value';
    const event = await eventOf(`/my/path?${query}`, {
      method: 'POST',
      headers: {
        cookie: ['cookie1', 'cookie2'],
        Header1: 'value1',
        Header2: ['value1', 'value2'],
        'content-type': 'text/plain',
        'user-agent': 'agent',
      },
      body: 'Hello from Lambda',
    });
    expect(event).toEqual({
      version: '2.0',
      routeKey: '$default',
      rawPath: '/my/path',
      rawQueryString: query,
      cookies: ['cookie1', 'cookie2'],
      headers: {
        header1: 'value1',
        header2: 'value1,value2',
        'content-length': '17',
        'content-type': 'text/plain',
        host,
        'user-agent': 'agent',
        'x-amzn-trace-id': expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/),
        'x-forwarded-for': '127.0.0.1',
        'x-forwarded-port': new URL(api.url).port,
        'x-forwarded-proto': 'http',
      },
      queryStringParameters: { parameter1: 'value1,value2', parameter2: 'value' },
      requestContext: {
        accountId: '123456789012',
        apiId: API_ID,
        domainName: host,
        domainPrefix: '127',
        http: {
          method: 'POST',
          path: '/my/path',
          protocol: 'HTTP/1.1',
          sourceIp: '127.0.0.1',
          userAgent: 'agent',
        },
        requestId: expect.stringMatching(/^[A-Za-z0-9+/]{15}=$/),
        routeKey: '$default',
        stage: '$default',
        time: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
        timeEpoch: expect.any(Number),
      },
      body: 'Hello from Lambda',
      isBase64Encoded: false,
    });
  });

  it('lacks what the request lacks', async () => {
    const event = await eventOf('/');
    expect(Object.keys(event).sort()).toEqual(
      ['headers', 'isBase64Encoded', 'rawPath', 'rawQueryString', 'requestContext']
        .concat('routeKey', 'version')
        .sort(),
    );
    expect(event).toMatchObject({ rawQueryString: '', isBase64Encoded: false });
    expect(event.headers).toMatchObject({ 'content-length': '0' });
    expect(event.headers).not.toHaveProperty('connection');
  });

  it('has path and query decoded, and the query as it came', async () => {
    const event = await eventOf('/pets/a%20b%2Bc/d%2Fe/%C3%BC?q=a+b%26c&empty=&__proto__=x');
    expect(event).toMatchObject({
      routeKey: 'GET /pets/{id}/{rest+}',
      rawPath: '/pets/a b+c/d/e/ü',
      rawQueryString: 'q=a+b%26c&empty=&__proto__=x',
      pathParameters: { id: 'a b+c', rest: 'd/e/ü' },
    });
    expect(Object.entries(event.queryStringParameters ?? {})).toEqual([
      ['q', 'a b&c'],
      ['empty', ''],
      ['__proto__', 'x'],
    ]);
  });

  it('has the path as API Gateway passes it on: an encoded slash parts it, an encoded ? ends it', async () => {
    expect((await eventOf('/pets%2F1/x%3Fy/z')).rawPath).toBe('/pets/1/x');
  });

  it.each([
    ['application/json; charset=utf-8', 'ü', false],
    ['text/csv', 'ü', false],
    ['application/problem+json', 'w7w=', true],
    ['application/x-www-form-urlencoded', 'w7w=', true],
    ['application/octet-stream', 'w7w=', true],
    [undefined, 'w7w=', true],
  ])('has a body of type %s as %s', async (type, body, isBase64Encoded) => {
    const headers = type === undefined ? {} : { 'content-type': type };
    const event = await eventOf('/', { method: 'PUT', headers, body: 'ü' });
    expect(event).toMatchObject({ body, isBase64Encoded });
  });

  it('tells who forwarded the request, and continues its trace', async () => {
    const trace = 'Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1';
    const headers = { 'x-forwarded-for': '203.0.113.7', 'x-amzn-trace-id': trace };
    expect((await eventOf('/', { headers })).headers).toMatchObject({
      'x-forwarded-for': '203.0.113.7, 127.0.0.1',
      'x-amzn-trace-id': trace,
    });
  });

  it('cannot be had with a path that cannot be decoded', async () => {
    expect(await rawRequest(api.url, '/%zz')).toMatchObject({
      status: 400,
      body: '{"message":"Bad Request"}',
    });
    expect((await rawRequest(api.url, 'http://elsewhere/')).status).toBe(400);
  });
});
