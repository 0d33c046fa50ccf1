import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { AwsError } from '../gateway/service.ts';
import { API_ID, FUNCTION_ARN, rawRequest, route, startTestApi, type TestApi } from './testing.ts';
import { createThrottle } from './throttle.ts';

let api: TestApi;
afterEach(() => api?.close());

describe('a body', () => {
  const post = (bytes: number, type: string) =>
    fetch(api.url, {
      method: 'POST',
      headers: { 'content-type': type },
      body: 'x'.repeat(bytes),
    });

  it('may be as large as Lambda takes it', async () => {
    api = await startTestApi({});
    expect((await post(6_000_000, 'text/plain')).status).toBe(200);
    expect(api.events[0]?.body).toHaveLength(6_000_000);
  });

  it.each([
    ['a body of more than 10 MB', 10 * 1024 * 1024 + 1, 'text/plain'],
    ['an event of more than 6 MB', 6 * 1024 * 1024, 'text/plain'],
    ['one that is so only when encoded', 5_000_000, 'application/octet-stream'],
  ])('is refused: %s', async (_what, bytes, type) => {
    api = await startTestApi({});
    const response = await post(bytes, type);
    expect(response.status).toBe(413);
    expect(await response.json()).toEqual({ message: 'Request Entity Too Large' });
    expect(api.events).toEqual([]);
  });
});

describe('a function', () => {
  it('that does not answer in time', async () => {
    const routes = [route('$default', { timeoutMs: 50 })];
    api = await startTestApi({ routes }, { invoke: () => new Promise(() => {}) });
    expect(await rawRequest(api.url, '/')).toMatchObject({
      status: 503,
      body: '{"message":"Service Unavailable"}',
    });
  });

  it('that is throttled', async () => {
    api = await startTestApi(
      {},
      {
        async invoke() {
          throw new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429);
        },
      },
    );
    expect((await rawRequest(api.url, '/')).status).toBe(503);
  });

  it('that does not let the route in is not invoked; the log says why', async () => {
    const asked: string[] = [];
    api = await startTestApi(
      {
        routes: [route('GET /pets/{id}'), route('ANY /pets'), route('$default')],
        accessLogFormat: '$context.routeKey $context.status $context.integrationErrorMessage',
      },
      {
        mayInvoke(functionArn, sourceArn) {
          asked.push(sourceArn);
          return functionArn !== FUNCTION_ARN;
        },
      },
    );
    for (const path of ['/pets/1', '/pets', '/']) {
      expect((await rawRequest(api.url, path)).status).toBe(500);
    }
    const api1 = `arn:aws:execute-api:us-east-1:123456789012:${API_ID}/$default`;
    expect(asked).toEqual([`${api1}/GET/pets/{id}`, `${api1}/GET/pets`, `${api1}/$default`]);
    expect(api.events).toEqual([]);
    expect(readFileSync(api.accessLogPath, 'utf8').split('\n')[0]).toBe(
      `GET /pets/{id} 500 ${FUNCTION_ARN} does not allow lambda:InvokeFunction to ${asked[0]}.`,
    );
  });
});

describe('throttling', () => {
  it('lets a burst pass, then the rate', () => {
    let nowMs = 0;
    const admit = createThrottle({ requestsPerSecond: 2, burst: 3 }, () => nowMs);
    const admitted = (count: number) => Array.from({ length: count }, admit);
    expect(admitted(4)).toEqual([true, true, true, false]);
    nowMs = 500;
    expect(admitted(2)).toEqual([true, false]);
    nowMs = 60_000;
    expect(admitted(4)).toEqual([true, true, true, false]);
  });

  it('answers what is too much', async () => {
    api = await startTestApi({ throttle: { requestsPerSecond: 0, burst: 1 } });
    expect((await rawRequest(api.url, '/')).status).toBe(200);
    expect(await rawRequest(api.url, '/')).toMatchObject({
      status: 429,
      body: '{"message":"Too Many Requests"}',
    });
  });
});

describe('the access log', () => {
  it('has a line for every request, in the format of the stage', async () => {
    const accessLogFormat =
      '{"path":"$context.path","ip":"$context.identity.sourceIp","route":"$context.routeKey",' +
      '"status":$context.status,"bytes":$context.responseLength,"who":"$context.authorizer.claims.sub",' +
      '"odd":"$context.constructor"}';
    api = await startTestApi({ routes: [route('GET /a')], accessLogFormat });
    await rawRequest(api.url, '/a');
    await rawRequest(api.url, '/"%0A{}');
    const lines = readFileSync(api.accessLogPath, 'utf8').trim().split('\n');
    const ip = '127.0.0.1';
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { path: '/a', ip, route: 'GET /a', status: 200, bytes: 11, who: '-', odd: '-' },
      { path: '/"\n{}', ip, route: '-', status: 404, bytes: 23, who: '-', odd: '-' },
    ]);
  });
});
