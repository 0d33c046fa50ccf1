import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Gateway, startGateway } from './server.ts';
import type { AwsService } from './service.ts';

/** Answers with what it was handed, so that a test can see it. */
const echo = (name: string): AwsService => ({
  async handle(incoming, response, call) {
    const body = await text(incoming);
    if (body === 'fail') throw new Error('broken on purpose');
    if (body === 'ask') call.authorize('x:Do', 'arn:x');
    response.end(JSON.stringify({ name, body, key: call.accessKeyId, trace: call.traceHeader }));
  },
});

describe('startGateway', () => {
  let gateway: Gateway;

  beforeEach(async () => {
    const names = ['s3', 'dynamodb', 'events', 'sqs', 'sns', 'sts', 'lambda'];
    gateway = await startGateway({
      port: 0,
      services: Object.fromEntries(names.map((name) => [name, echo(name)])),
      judge: (key, action, resource) => ({
        allowed: false,
        reason: `${key} ${action} ${resource}`,
      }),
    });
  });
  afterEach(() => gateway.close());

  const call = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(gateway.endpointUrl + path, init);
    return { status: response.status, ...((await response.json()) as Record<string, string>) };
  };
  const signed = (service: string, key = 'AKID') => ({
    authorization: `AWS4-HMAC-SHA256 Credential=${key}/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=x`,
  });

  it.each([
    [
      'the target header',
      '/',
      { headers: { 'x-amz-target': 'DynamoDB_20120810.GetItem' } },
      'dynamodb',
    ],
    [
      'another target header',
      '/',
      { headers: { 'x-amz-target': 'AWSEvents.PutEvents' } },
      'events',
    ],
    ['the credential scope', '/x', { headers: signed('sqs') }, 'sqs'],
    [
      'the scope of a presigned URL',
      '/b/k?X-Amz-Credential=AKID%2F20260101%2Fus-east-1%2Fs3%2Faws4_request',
      {},
      's3',
    ],
    ['Lambda’s path', '/2015-03-31/functions/f/invocations', { method: 'POST' }, 'lambda'],
    [
      'the version of an unsigned form',
      '/',
      { method: 'POST', body: new URLSearchParams({ Action: 'Publish', Version: '2010-03-31' }) },
      'sns',
    ],
    ['nothing else: S3', '/bucket/key', {}, 's3'],
  ])('finds the service by %s', async (_name, path, init, expected) => {
    expect(await call(path, init)).toMatchObject({ status: 200, name: expected });
  });

  it('hands over the whole body, the access key and the trace header', async () => {
    const form = new URLSearchParams({ Version: '2012-11-05', Text: 'x'.repeat(200_000) });
    expect(await call('/', { method: 'POST', body: form })).toMatchObject({ name: 's3' });
    const small = new URLSearchParams({ Version: '2012-11-05', Text: 'x'.repeat(10_000) });
    expect(await call('/', { method: 'POST', body: small })).toMatchObject({
      name: 'sqs',
      body: small.toString(),
    });
    const headers = { ...signed('s3', 'MYKEY'), 'x-amzn-trace-id': 'Root=1-2-3' };
    expect(await call('/b/k', { headers })).toMatchObject({ key: 'MYKEY', trace: 'Root=1-2-3' });
  });

  it('answers probes', async () => {
    expect(await call('/')).toEqual({ status: 'ok' });
    expect(await call('/_health')).toEqual({ status: 'ok' });
  });

  it('turns every failure into an answer and goes on', async () => {
    const post = (body: string) => call('/b/k', { method: 'PUT', body, headers: signed('s3') });
    expect(await post('fail')).toMatchObject({ status: 500, __type: 'InternalFailure' });
    expect(await post('ask')).toMatchObject({
      status: 403,
      __type: 'AccessDenied',
      message: 'AKID x:Do arn:x',
    });
    expect(await call('/', { headers: signed('ec2') })).toMatchObject({ status: 501 });
    expect(await post('ok')).toMatchObject({ status: 200 });
  });

  it('survives what is no HTTP, and a client that hangs up', async () => {
    const garbage = connect(gateway.port, '127.0.0.1').end('no http\r\n\r\n');
    expect(await text(garbage)).toContain('400 Bad Request');

    const upload = connect(gateway.port, '127.0.0.1');
    upload.write('PUT /b/k HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf');
    await once(upload, 'connect');
    upload.destroy();
    await once(upload, 'close');
    expect(await call('/_health')).toEqual({ status: 'ok' });
  });

  it('serves no web pages: neither cross-site posts nor names that point here', async () => {
    const origin = 'https://example.com';
    const post = { method: 'POST', headers: { origin }, body: '{}' };
    expect(await call('/2015-03-31/functions/f/invocations', post)).toMatchObject({ status: 403 });
    expect(await call('/bucket/clip.mp4', { headers: { origin } })).toMatchObject({ status: 200 });

    const rebound = request(`${gateway.endpointUrl}/bucket/key`, {
      headers: { host: 'evil.test' },
    });
    const [response] = await once(rebound.end(), 'response');
    expect(response.statusCode).toBe(403);
    response.resume();
  });

  it('lets a client wait for 100-continue', async () => {
    const upload = request(`${gateway.endpointUrl}/b/k`, {
      method: 'PUT',
      headers: { expect: '100-continue', 'content-length': 4 },
    });
    upload.flushHeaders();
    await once(upload, 'continue');
    upload.end('body');
    const [response] = await once(upload, 'response');
    expect(JSON.parse(await text(response))).toMatchObject({ name: 's3', body: 'body' });
  });

  it('names a taken port', async () => {
    await expect(
      startGateway({ port: gateway.port, services: {}, judge: () => ({ allowed: true }) }),
    ).rejects.toMatchObject({
      code: 'PortInUse',
      message: expect.stringContaining('another port'),
    });
  });
});
