import { PutObjectCommand } from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';
import { BUCKET, startS3 } from './testing.ts';

const PAGE = 'http://localhost:3000';

async function start(allowedOrigins: string[]) {
  const s3 = await startS3();
  await s3.client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'clip', Body: 'pictures' }));
  await s3.service.createBucket(BUCKET, {
    eventBridge: false,
    cors: [
      {
        allowedOrigins,
        allowedMethods: ['GET', 'HEAD'],
        allowedHeaders: ['range', 'x-amz-*'],
        exposedHeaders: ['Content-Range', 'ETag'],
        maxAgeSeconds: 60,
      },
    ],
  });
  return async (method: string, headers: Record<string, string>) => {
    const response = await fetch(`${s3.endpoint}/${BUCKET}/clip`, { method, headers });
    const all = [...response.headers].filter(([name]) => name.startsWith('access-control-'));
    return { status: response.status, ...Object.fromEntries(all) };
  };
}

const preflight = (origin: string, headers = 'Range') => ({
  origin,
  'access-control-request-method': 'GET',
  'access-control-request-headers': headers,
});

it('lets a page read, and tells the headers it may see', async () => {
  const ask = await start(['*']);
  expect(await ask('GET', { origin: PAGE, range: 'bytes=0-3' })).toEqual({
    status: 206,
    'access-control-allow-origin': '*',
    'access-control-allow-methods': 'GET, HEAD',
    'access-control-expose-headers': 'Content-Range, ETag',
  });
  expect(await ask('GET', {})).toEqual({ status: 200 });
});

it('answers what a page asks beforehand', async () => {
  const ask = await start(['http://localhost:*']);
  expect(await ask('OPTIONS', preflight(PAGE, 'Range, X-Amz-Date'))).toEqual({
    status: 200,
    'access-control-allow-origin': PAGE,
    'access-control-allow-methods': 'GET, HEAD',
    'access-control-allow-headers': 'range, x-amz-date',
    'access-control-expose-headers': 'Content-Range, ETag',
    'access-control-max-age': '60',
  });
});

it.each([
  ['a page of another origin', preflight('http://127.0.0.1:3000')],
  ['another method', { ...preflight(PAGE), 'access-control-request-method': 'PUT' }],
  ['another header', preflight(PAGE, 'Range, Authorization')],
])('refuses %s', async (_, headers) => {
  const ask = await start([PAGE]);
  expect(await ask('OPTIONS', headers)).toEqual({ status: 403 });
});

it('has nothing for pages of other machines, whatever the bucket says', async () => {
  const ask = await start(['*']);
  expect(await ask('GET', { origin: 'https://example.com' })).toEqual({ status: 200 });
  expect(await ask('OPTIONS', preflight('https://example.com'))).toEqual({ status: 403 });
});
