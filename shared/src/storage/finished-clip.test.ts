import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { BUCKET, startS3, type TestS3 } from '#local/s3/testing';
import { makeClipReceipt } from '../clip/make-receipt.ts';
import { receiptMetadata } from '../clip/receipt-metadata.ts';
import { EXAMPLE_CLIP_RECEIPT } from '../events/receipt.ts';
import type { ExecutionOrder } from '../executions.ts';
import { objectKeys } from '../keys.ts';

const CLIP = { episodeId: 'ep1', clipId: 'c1' };
const KEY = objectKeys.clip(CLIP);
const OLDEST = { executionId: 'c', executionStartedAt: '2026-03-01T11:00:00.000Z' };
const OLDER = { executionId: 'b', executionStartedAt: '2026-03-01T12:00:00.000Z' };
const NEWER = { executionId: 'a', executionStartedAt: '2026-03-01T12:00:00.001Z' };
const RECEIPT = makeClipReceipt(
  EXAMPLE_CLIP_RECEIPT.segments.map((receipt) => ({ receipt, durationUs: receipt.durationUs })),
  { method: 'reencoded', reason: 'Zwei Größen – 日本 "…" \\' },
);
const ORIGIN = {
  tenantId: 'acme',
  correlationId: '6f9619ff-8b86-d011-b42d-00c04fc964ff',
  renditions: ['720p', '1080p'] as const,
};
const signal = new AbortController().signal;

let folder: string;
let s3: TestS3;
let write: (execution: ExecutionOrder, content: string) => Promise<boolean>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'splicebus-finished-'));
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  s3 = await startS3();
  vi.stubEnv('AWS_ENDPOINT_URL', s3.endpoint);
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  vi.stubEnv('BUCKET_NAME', BUCKET);
  // The client reads its environment when it is made.
  vi.resetModules();
  const { writeFinishedClip } = await import('./finished-clip.ts');
  const { hashFile } = await import('./hashed-file.ts');
  let files = 0;
  write = async (execution, content) => {
    const path = join(folder, `${files++}.mp4`);
    await writeFile(path, content);
    const file = await hashFile(path, signal);
    const origin = { ...ORIGIN, execution };
    return writeFinishedClip({ ...CLIP, file, origin, receipt: RECEIPT }, signal);
  };
});

async function written(): Promise<string> {
  const { Body } = await s3.client.send(new GetObjectCommand({ Bucket: BUCKET, Key: KEY }));
  return Body!.transformToString();
}

it('writes the first clip, and a newer one over an older one', async () => {
  expect(await write(OLDER, 'old')).toBe(true);
  expect(await write(NEWER, 'new')).toBe(true);
  expect(await written()).toBe('new');
});

it('writes who made it, its SHA-256 and the receipt beside it', async () => {
  await write(OLDER, 'clip');
  const { Metadata } = await s3.client.send(new HeadObjectCommand({ Bucket: BUCKET, Key: KEY }));
  expect(Metadata).toEqual({
    'tenant-id': 'acme',
    'correlation-id': ORIGIN.correlationId,
    renditions: '720p,1080p',
    'execution-id': OLDER.executionId,
    'execution-started-at': OLDER.executionStartedAt,
    sha256: createHash('sha256').update('clip').digest('hex'),
    receipt: receiptMetadata(RECEIPT),
  });
  expect(JSON.parse(Metadata!.receipt!).reason).toBe(RECEIPT.reason);
});

it('leaves a newer clip alone', async () => {
  await write(NEWER, 'new');
  expect(await write(OLDER, 'old')).toBe(false);
  expect(await written()).toBe('new');
});

it('writes its own clip again after a crash', async () => {
  await write(OLDER, 'half known');
  expect(await write(OLDER, 'again')).toBe(true);
  expect(await written()).toBe('again');
});

it('keeps the newest of many executions that finish at once', async () => {
  const executions = Array.from({ length: 6 }, (_, n) => ({
    executionId: 'x',
    executionStartedAt: new Date(1_772_366_400_000 + n).toISOString(),
  }));
  const results = await Promise.allSettled(
    executions.map((execution) => write(execution, execution.executionStartedAt)),
  );
  // The newest always gets through: whoever races it loses or was before it.
  expect(results.at(-1)).toEqual({ status: 'fulfilled', value: true });
  expect(await written()).toBe(executions.at(-1)!.executionStartedAt);
});

it.each([
  ['nothing', undefined],
  ['an older clip', 'oldest'],
])('sees a newer clip that comes between its look at %s and its write', async (_, there) => {
  if (there) await write(OLDEST, there);
  const { s3: client } = await import('../aws/s3.ts');
  let hasCome = false;
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        if (commandName === 'PutObjectCommand' && !hasCome) {
          hasCome = true;
          expect(await write(NEWER, 'new')).toBe(true);
        }
        return next(args);
      },
    { step: 'initialize' },
  );
  expect(await write(OLDER, 'old')).toBe(false);
  expect(await written()).toBe('new');
});

it('replaces what was put there by hand, which no execution made', async () => {
  await s3.client.send(new PutObjectCommand({ Bucket: BUCKET, Key: KEY, Body: 'x' }));
  expect(await write(OLDER, 'ours')).toBe(true);
  expect(await written()).toBe('ours');
});
