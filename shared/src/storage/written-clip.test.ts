import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { BUCKET } from '#local/s3/testing';
import { startFaultyProxy } from '#local/testing/faulty-proxy';
import { type FileOrigin, fileMetadata } from '../clip/file-metadata.ts';
import { largestReceipt } from '../clip/receipt.fixture.ts';
import { objectKeys } from '../keys.ts';
import { startBucket, type TestBucket } from './bucket.fixture.ts';

const IDS = {
  tenantId: 'acme',
  episodeId: 'ep1',
  clipId: 'c1',
  executionId: 'a'.repeat(32),
};
const ORIGIN: FileOrigin = {
  tenantId: 'acme',
  execution: { executionId: IDS.executionId, executionStartedAt: '2026-03-01T12:00:00.000Z' },
  correlationId: 'request',
  renditions: ['720p'],
};
const signal = new AbortController().signal;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'splicebus-written-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let bucket: TestBucket;
let written: typeof import('./written-clip.ts');
beforeEach(async () => {
  bucket = await startBucket();
  written = await import('./written-clip.ts');
});

const SHA256 = createHash('sha256').update('the clip').digest('hex');

const put = (origin: FileOrigin, sha256 = SHA256) =>
  bucket.client.send(
    new PutObjectCommand({
      Bucket: BUCKET,
      Key: objectKeys.clip(IDS),
      Body: 'the clip',
      Metadata: fileMetadata(origin, largestReceipt(1), sha256),
    }),
  );

describe('the finished file of a clip', () => {
  it('says whose it is, and comes here', async () => {
    await put(ORIGIN);
    expect(await written.findWrittenClip(IDS)).toEqual(ORIGIN);
    const file = join(folder, 'clip.mp4');
    expect(await written.fetchWrittenClip(IDS, file, signal)).toBe(8);
    expect(await readFile(file, 'utf8')).toBe('the clip');
    await written.assertStillThere(IDS);
  });

  it('is refused where it is not what was written', async () => {
    await put(ORIGIN, 'd'.repeat(64));
    const file = join(folder, 'damaged.mp4');
    await expect(written.fetchWrittenClip(IDS, file, signal)).rejects.toMatchObject({
      name: 'TransientError',
      code: 'CHECKSUM_MISMATCH',
    });
  });

  it('is refused where it was damaged on its way here', async () => {
    await put(ORIGIN);
    const proxy = await startFaultyProxy(() => bucket.endpoint);
    onTestFinished(() => proxy.close());
    proxy.mishap = () => 'damaged answer';
    vi.stubEnv('AWS_ENDPOINT_URL', proxy.url);
    vi.resetModules();
    const { fetchWrittenClip } = await import('./written-clip.ts');
    const file = join(folder, 'damaged.mp4');
    // By the SDK already, where S3 has a checksum of the whole file.
    await expect(fetchWrittenClip(IDS, file, signal)).rejects.toThrow(/checksum|SHA-256/i);
  });

  it('is not there, or was put there by hand', async () => {
    expect(await written.findWrittenClip(IDS)).toBeUndefined();
    await bucket.put(objectKeys.clip(IDS), 'by hand');
    expect(await written.findWrittenClip(IDS)).toBeUndefined();
  });

  it.each<[string, (() => Promise<unknown>) | undefined]>([
    ['is not there', undefined],
    ['was put there by hand', () => bucket.put(objectKeys.clip(IDS), 'by hand')],
    [
      "is another execution's",
      () => put({ ...ORIGIN, execution: { ...ORIGIN.execution, executionId: 'b'.repeat(32) } }),
    ],
    ["is another tenant's", () => put({ ...ORIGIN, tenantId: 'globex' })],
  ])('is not taken for the one that was meant where it %s', async (_, prepare) => {
    await prepare?.();
    const file = join(folder, 'other.mp4');
    const refused = { code: 'CLIP_REPLACED' };
    await expect(written.fetchWrittenClip(IDS, file, signal)).rejects.toMatchObject(refused);
    await expect(written.assertStillThere(IDS)).rejects.toMatchObject(refused);
  });
});
