import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { BUCKET } from '#local/s3/testing';
import { type FaultyProxy, type Mishap, startFaultyProxy } from '#local/testing/faulty-proxy';
import { startBucket, type TestBucket } from './bucket.fixture.ts';
import type { UploadOptions } from './upload-file.ts';

const KEY = 'ep1/clips/c1/clip.mp4';
const ATTEMPTS = 4;
const MIB = 1024 * 1024;
/** S3 takes no smaller parts. */
const PARTITION = { multipartAboveBytes: 6 * MIB, partBytes: 5 * MIB };
const SMALL = randomBytes(100_000);
const LARGE = randomBytes(11 * MIB);

const THROTTLED = { status: 503, code: 'SlowDown' };
const PASSING: Record<string, Mishap> = {
  'is throttled': THROTTLED,
  'meets an internal error': { status: 500, code: 'InternalError' },
  'times out': { status: 400, code: 'RequestTimeout' },
  'loses its connection': 'reset',
  'arrives damaged': 'damaged',
};
const LASTING = [
  [412, 'PreconditionFailed'],
  [409, 'ConditionalRequestConflict'],
  [403, 'AccessDenied'],
  [404, 'NoSuchBucket'],
] as const;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'splicebus-upload-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let bucket: TestBucket;
let proxy: FaultyProxy;
beforeEach(async () => {
  bucket = await startBucket();
  proxy = await startFaultyProxy(() => bucket.endpoint);
  onTestFinished(() => proxy.close());
  vi.stubEnv('AWS_ENDPOINT_URL', proxy.url);
  vi.stubEnv('RETRY_FIRST_DELAY_MS', '2');
});

async function upload(
  bytes: Buffer,
  options: UploadOptions = {},
  signal = new AbortController().signal,
): Promise<void> {
  const path = join(folder, 'file');
  await writeFile(path, bytes);
  const { hashFile } = await import('./hashed-file.ts');
  const { uploadFile } = await import('./upload-file.ts');
  await uploadFile(KEY, await hashFile(path, signal, PARTITION), options, signal);
}

async function stored(): Promise<Buffer> {
  const { Body } = await bucket.client.send(new GetObjectCommand({ Bucket: BUCKET, Key: KEY }));
  return Buffer.from(await Body!.transformToByteArray());
}

/** The first requests that it applies to meet a mishap, the next ones none. */
function befall(mishap: Mishap, times: number, applies = (_: { query: URLSearchParams }) => true) {
  let left = times;
  proxy.mishap = (request) =>
    /^(PutObject|UploadPart)$/.test(request.operation) && applies(request) && left-- > 0
      ? mishap
      : undefined;
}

const countOf = (operation: string) =>
  proxy.requests.filter((request) => request.operation === operation).length;

describe('a file that goes into one request', () => {
  it('is held against its SHA-256 by S3, which keeps that', async () => {
    await upload(SMALL, { ContentType: 'video/mp4', Metadata: { a: 'b' }, Tagging: 'x=y' });
    expect((await stored()).equals(SMALL)).toBe(true);
    const at = { Bucket: BUCKET, Key: KEY };
    const command = new HeadObjectCommand({ ...at, ChecksumMode: 'ENABLED' });
    expect(await bucket.client.send(command)).toMatchObject({
      ContentType: 'video/mp4',
      Metadata: { a: 'b' },
      ChecksumSHA256: createHash('sha256').update(SMALL).digest('base64'),
    });
    expect(await bucket.client.send(new GetObjectTaggingCommand(at))).toMatchObject({
      TagSet: [{ Key: 'x', Value: 'y' }],
    });
    expect(proxy.requests).toHaveLength(1);
  });

  it('may be empty', async () => {
    await upload(Buffer.alloc(0));
    expect(await stored()).toHaveLength(0);
  });

  describe.each(Object.entries(PASSING))('that %s', (_, mishap) => {
    it('is sent again, whole, up to three times', async () => {
      befall(mishap, ATTEMPTS - 1);
      await upload(SMALL);
      expect((await stored()).equals(SMALL)).toBe(true);
      expect(countOf('PutObject')).toBe(ATTEMPTS);
    });

    it('is given up after that', async () => {
      befall(mishap, Number.POSITIVE_INFINITY);
      await expect(upload(SMALL)).rejects.toThrow();
      expect(countOf('PutObject')).toBe(ATTEMPTS);
      await expect(stored()).rejects.toMatchObject({ name: 'NoSuchKey' });
    });
  });

  it.each(LASTING)('is not sent again after %i %s', async (status, code) => {
    befall({ status, code }, 1);
    await expect(upload(SMALL)).rejects.toMatchObject({ name: code });
    expect(countOf('PutObject')).toBe(1);
  });

  it('is stopped by its signal, also while it waits to be sent again', async () => {
    vi.stubEnv('RETRY_FIRST_DELAY_MS', '1000000');
    befall(THROTTLED, 1);
    const controller = new AbortController();
    const uploaded = upload(SMALL, {}, controller.signal);
    const outcome = expect(uploaded).rejects.toMatchObject({ name: 'AbortError' });
    await vi.waitFor(() => expect(countOf('PutObject')).toBe(1));
    controller.abort();
    await outcome;
    expect(countOf('PutObject')).toBe(1);
  });
});

describe('a file that goes in parts', () => {
  const openUploads = async () =>
    (await bucket.client.send(new ListMultipartUploadsCommand({ Bucket: BUCKET }))).Uploads ?? [];
  const isSecond = ({ query }: { query: URLSearchParams }) => query.get('partNumber') === '2';

  it('is put together, and every part was held against its SHA-256', async () => {
    await upload(LARGE, { ContentType: 'video/mp4', Metadata: { a: 'b' }, IfNoneMatch: '*' });
    expect((await stored()).equals(LARGE)).toBe(true);
    const head = new HeadObjectCommand({ Bucket: BUCKET, Key: KEY, ChecksumMode: 'ENABLED' });
    expect(await bucket.client.send(head)).toMatchObject({
      ContentType: 'video/mp4',
      Metadata: { a: 'b' },
      ETag: expect.stringContaining('-3"'),
      ChecksumSHA256: expect.stringMatching(/-3$/),
    });
    const parts = proxy.requests.filter(({ operation }) => operation === 'UploadPart');
    expect(parts.map(({ headers }) => headers['x-amz-checksum-sha256']).sort()).toEqual(
      [LARGE.subarray(0, 5 * MIB), LARGE.subarray(5 * MIB, 10 * MIB), LARGE.subarray(10 * MIB)]
        .map((part) => createHash('sha256').update(part).digest('base64'))
        .sort(),
    );
    expect(await openUploads()).toEqual([]);
  });

  it.each(Object.entries(PASSING))(
    'has the part sent again that %s, and only that',
    async (_, mishap) => {
      befall(mishap, 2, isSecond);
      await upload(LARGE);
      expect((await stored()).equals(LARGE)).toBe(true);
      expect(countOf('UploadPart')).toBe(3 + 2);
    },
  );

  it('is given up when one part is, and leaves none behind', async () => {
    befall(THROTTLED, Number.POSITIVE_INFINITY, isSecond);
    await expect(upload(LARGE)).rejects.toMatchObject({ name: 'SlowDown' });
    const second = proxy.requests.filter(isSecond);
    expect(second).toHaveLength(ATTEMPTS);
    expect(await openUploads()).toEqual([]);
    expect(proxy.requests.at(-1)?.operation).toBe('AbortMultipartUpload');
    await expect(stored()).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  it('leaves no parts behind when its signal stops it', async () => {
    befall('no answer', Number.POSITIVE_INFINITY, isSecond);
    const controller = new AbortController();
    const outcome = expect(upload(LARGE, {}, controller.signal)).rejects.toMatchObject({
      name: 'AbortError',
    });
    await vi.waitFor(() => expect(countOf('UploadPart')).toBe(3));
    controller.abort();
    await outcome;
    expect(await openUploads()).toEqual([]);
  });

  it('has its condition looked at when it is complete', async () => {
    const { isConditionFailure } = await import('./objects.ts');
    await bucket.put(KEY, 'other');
    const error = await upload(LARGE, { IfNoneMatch: '*' }).catch((thrown: unknown) => thrown);
    expect(isConditionFailure(error)).toBe(true);
    expect((await stored()).toString()).toBe('other');
    expect(await openUploads()).toEqual([]);
    const head = new HeadObjectCommand({ Bucket: BUCKET, Key: KEY });
    const { ETag: IfMatch } = await bucket.client.send(head);
    await upload(LARGE, { IfMatch });
    expect((await stored()).equals(LARGE)).toBe(true);
  });
});

it.each([
  [100 * MIB, 1],
  [100 * MIB + 1, 7],
])('a file of %i bytes has %i parts', async (sizeBytes, count) => {
  const { hashFile } = await import('./hashed-file.ts');
  const path = join(folder, 'sparse');
  await writeFile(path, '');
  await truncate(path, sizeBytes);
  const { parts } = await hashFile(path, new AbortController().signal);
  expect(parts).toHaveLength(count);
  expect(parts.reduce((sum, part) => sum + part.sizeBytes, 0)).toBe(sizeBytes);
});
