import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rawRequest, startTestApi, type TestApi } from './testing.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi({});
});
afterAll(() => api.close());

const INTERNAL = { status: 500, body: '{"message":"Internal Server Error"}' };

describe('a function’s result', () => {
  it.each([
    ['an object', { message: 'Hello from Lambda!' }, '{"message":"Hello from Lambda!"}'],
    ['a string', 'Hello from Lambda!', 'Hello from Lambda!'],
    ['a list', [1, 2], '[1,2]'],
    ['nothing', null, 'null'],
    [
      'a body without a status, whose headers do not count',
      { headers: { 'content-type': 'text/html' }, body: 'x' },
      '{"headers":{"content-type":"text/html"},"body":"x"}',
    ],
  ])('is a body: %s', async (_what, payload, body) => {
    api.returns(payload);
    expect(await rawRequest(api.url, '/')).toMatchObject({
      status: 200,
      headers: { 'content-type': 'application/json' },
      body,
    });
  });

  it('is a response', async () => {
    api.returns({
      statusCode: 201,
      headers: { 'Content-Type': 'text/html', 'X-Count': 5, 'x-yes': true, connection: 'close' },
      cookies: ['a=1; Secure', 'b=2'],
      body: '<p>ü</p>',
    });
    expect(await rawRequest(api.url, '/')).toMatchObject({
      status: 201,
      headers: {
        'content-type': 'text/html',
        'content-length': '9',
        'x-count': '5',
        'x-yes': 'true',
        'set-cookie': ['a=1; Secure', 'b=2'],
        connection: 'keep-alive',
        'apigw-requestid': expect.stringMatching(/=$/),
      },
      body: '<p>ü</p>',
    });
  });

  it('is a response of text, unless it says otherwise', async () => {
    api.returns({ statusCode: 404 });
    expect(await rawRequest(api.url, '/')).toMatchObject({
      status: 404,
      headers: { 'content-type': 'text/plain; charset=utf-8', 'content-length': '0' },
      body: '',
    });
  });

  it('is a response of bytes', async () => {
    const bytes = Buffer.from([0, 255, 13, 10, 128]);
    const headers = { 'content-type': 'image/png' };
    api.returns({
      statusCode: 200,
      headers,
      body: bytes.toString('base64'),
      isBase64Encoded: true,
    });
    const response = await fetch(api.url);
    expect(response.headers.get('content-type')).toBe('image/png');
    expect(Buffer.from(await response.arrayBuffer())).toEqual(bytes);
  });

  it('has no body where HTTP allows none', async () => {
    api.returns({ statusCode: 204, body: 'x' });
    expect(await rawRequest(api.url, '/')).toMatchObject({ status: 204, body: '' });
    api.returns({ statusCode: 200, body: 'hello' });
    const head = await rawRequest(api.url, '/', { method: 'HEAD' });
    expect(head).toMatchObject({ status: 200, headers: { 'content-length': '5' }, body: '' });
  });
});

describe('is an internal error:', () => {
  it.each<[string, unknown]>([
    ['a status that is none', { statusCode: 'fine' }],
    ['a status of 0', { statusCode: 0 }],
    ['a body that is an object', { statusCode: 200, body: {} }],
    [
      'a body that is not encoded as it says',
      { statusCode: 200, body: '%', isBase64Encoded: true },
    ],
    ['headers as a list', { statusCode: 200, headers: [] }],
    ['a header of many values', { statusCode: 200, headers: { a: ['b', 'c'] } }],
    ['a header that begins another', { statusCode: 200, headers: { a: 'b\r\nset-cookie: c=d' } }],
    ['a header name that is none', { statusCode: 200, headers: { 'a\r\nb': 'c' } }],
    ['a cookie that begins a header', { statusCode: 200, cookies: ['a=b\r\nx: y'] }],
    ['cookies that are no list', { statusCode: 200, cookies: 'a=b' }],
    ['more than 6 MB', 'x'.repeat(6 * 1024 * 1024 + 1)],
  ])('%s', async (_what, payload) => {
    api.returns(payload);
    const response = await rawRequest(api.url, '/');
    expect(response).toMatchObject(INTERNAL);
    expect(response.headers).not.toHaveProperty('set-cookie');
  });

  it('a function error, of which the client learns nothing', async () => {
    api.returns({ errorType: 'Error', errorMessage: 'secret', trace: [] }, 'Unhandled');
    expect(await rawRequest(api.url, '/')).toMatchObject(INTERNAL);
  });
});

describe('the port', () => {
  it('serves the names of this machine only', async () => {
    api.returns('ok');
    const { port } = new URL(api.url);
    const ask = (host: string) => rawRequest(api.url, '/', { headers: { host } });
    expect(await ask(`abc.execute-api.localhost:${port}`)).toMatchObject({ status: 200 });
    expect(await ask('rebound.example.com')).toMatchObject({
      status: 403,
      body: '{"message":"Forbidden"}',
    });
  });

  it('refuses headers beyond the quota', async () => {
    const headers = { 'x-long': 'x'.repeat(11_000) };
    expect((await rawRequest(api.url, '/', { headers })).status).toBe(431);
  });

  it('survives what is no HTTP, and a client that hangs up', async () => {
    const port = Number(new URL(api.url).port);
    expect(await text(connect(port, '127.0.0.1').end('no http\r\n\r\n'))).toContain('400');
    const upload = connect(port, '127.0.0.1');
    upload.write('PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nhalf');
    await new Promise((resolve) => upload.once('connect', resolve));
    upload.destroy();
    expect((await rawRequest(api.url, '/')).status).toBe(200);
  });
});
