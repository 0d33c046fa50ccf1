import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, GetObjectTaggingCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { BUCKET } from '#local/s3/testing';
import {
  type FaultyProxy,
  type PassingRequest,
  startFaultyProxy,
} from '#local/testing/faulty-proxy';
import { fileMetadata } from '../clip/file-metadata.ts';
import { largestReceipt } from '../clip/receipt.fixture.ts';
import { objectKeys } from '../keys.ts';
import { startBucket, type TestBucket } from './bucket.fixture.ts';

const CLIP = { episodeId: 'ep1', clipId: 'c1' };
const KEY = objectKeys.clip(CLIP);
const BYTES = randomBytes(50_000);
const RECEIPT = largestReceipt(1);
const ATTEMPTS = 4;

/** An execution that began so many minutes from now. */
const began = (executionId: string, minutes = 0) => ({
  executionId,
  executionStartedAt: new Date(Date.now() + minutes * 60_000).toISOString(),
});
const OLDER = began('a'.repeat(32), -60);
const OTHER = began('b'.repeat(32), -50);
const LATER = began('c'.repeat(32), 60);
const originOf = (execution: typeof OLDER) => ({
  tenantId: 'acme',
  execution,
  correlationId: 'request',
  renditions: [],
});

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'splicebus-kept-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let bucket: TestBucket;
let proxy: FaultyProxy;
let write: (execution: typeof OLDER, bytes?: Buffer, signal?: AbortSignal) => Promise<boolean>;
beforeEach(async () => {
  bucket = await startBucket();
  proxy = await startFaultyProxy(() => bucket.endpoint);
  onTestFinished(() => proxy.close());
  vi.stubEnv('AWS_ENDPOINT_URL', proxy.url);
  vi.stubEnv('RETRY_FIRST_DELAY_MS', '2');
  const { writeFinishedClip } = await import('./finished-clip.ts');
  const { hashFile } = await import('./hashed-file.ts');
  write = async (execution, bytes = BYTES, signal = new AbortController().signal) => {
    const path = join(folder, 'clip.mp4');
    await writeFile(path, bytes);
    const file = await hashFile(path, signal);
    const clip = { ...CLIP, file, origin: originOf(execution), receipt: RECEIPT };
    return writeFinishedClip(clip, signal);
  };
});

/** These requests fail, each time. */
function refuse(isRefused: (request: PassingRequest) => boolean, status = 503, code = 'SlowDown') {
  proxy.mishap = (request) => (isRefused(request) ? { status, code } : undefined);
}
const isUpload = ({ operation, path }: PassingRequest) =>
  operation === 'PutObject' && path === `/${BUCKET}/${KEY}`;

async function failureOf(writing: Promise<unknown>): Promise<{ code: string; message: string }> {
  const error = await writing.then(
    () => expect.fail('It was written.'),
    (thrown) => thrown,
  );
  expect(error.name).toBe('TransientError');
  return error;
}

/** Each place to keep clips at: what is kept at it of an execution. */
const PLACES = {
  'a folder': {
    arrange: () => vi.stubEnv('FAILED_UPLOADS_DIR', join(folder, 'kept')),
    placeOf: (executionId: string) => join(folder, 'kept', 'ep1', 'c1', executionId, 'clip.mp4'),
    async read(executionId: string): Promise<Buffer | undefined> {
      const place = this.placeOf(executionId);
      return existsSync(place) ? readFile(place) : undefined;
    },
  },
  'the bucket': {
    arrange: () => vi.stubEnv('FAILED_UPLOADS_DIR', ''),
    placeOf: (executionId: string) =>
      `s3://${BUCKET}/failed-uploads/ep1/c1/${executionId}/clip.mp4`,
    async read(executionId: string): Promise<Buffer | undefined> {
      const Key = `failed-uploads/ep1/c1/${executionId}/clip.mp4`;
      const got = await bucket.client
        .send(new GetObjectCommand({ Bucket: BUCKET, Key }))
        .catch(() => undefined);
      return got && Buffer.from(await got.Body!.transformToByteArray());
    },
  },
};

describe.each(Object.values(PLACES).map((place, n) => [Object.keys(PLACES)[n]!, place] as const))(
  'a clip that is kept in %s',
  (_, place) => {
    beforeEach(() => {
      place.arrange();
    });

    it('is the one that could not be uploaded, and the error says where it is', async () => {
      refuse(isUpload);
      const { code, message } = await failureOf(write(OLDER));
      expect(code).toBe('UPLOAD_FAILED');
      expect(message).toContain(`${KEY} (SlowDown: as arranged)`);
      expect(message).toContain(`It is kept at ${place.placeOf(OLDER.executionId)}:`);
      expect((await place.read(OLDER.executionId))?.equals(BYTES)).toBe(true);
      expect(proxy.requests.filter(isUpload)).toHaveLength(ATTEMPTS);
    });

    it('is also one that may not be uploaded, or of which not even that can be found out', async () => {
      refuse(isUpload, 403, 'AccessDenied');
      expect(await failureOf(write(OLDER))).toMatchObject({ code: 'UPLOAD_FAILED' });
      expect(proxy.requests.filter(isUpload)).toHaveLength(1);
      refuse(({ operation }) => operation === 'HeadObject');
      expect(await failureOf(write(OTHER))).toMatchObject({ code: 'UPLOAD_FAILED' });
      expect((await place.read(OTHER.executionId))?.equals(BYTES)).toBe(true);
    });

    it('is kept once for each execution', async () => {
      refuse(isUpload);
      const better = randomBytes(60_000);
      await failureOf(write(OLDER));
      await failureOf(write(OTHER));
      await failureOf(write(OLDER, better));
      expect((await place.read(OLDER.executionId))?.equals(better)).toBe(true);
      expect((await place.read(OTHER.executionId))?.equals(BYTES)).toBe(true);
    });

    it('is removed once it is written, by itself or anew; one that came later stays', async () => {
      const { removeKept } = await import('./kept-clips.ts');
      refuse(isUpload);
      for (const execution of [OLDER, OTHER]) await failureOf(write(execution));
      await removeKept(CLIP, OLDER);
      expect(await place.read(OLDER.executionId)).toBeUndefined();
      expect(await place.read(OTHER.executionId)).toBeDefined();
      await removeKept(CLIP, LATER);
      expect(await place.read(OTHER.executionId)).toBeUndefined();
    });
  },
);

it('explains itself, and is found by the lifecycle of the bucket', async () => {
  refuse(isUpload);
  await failureOf(write(OLDER));
  const at = { Bucket: BUCKET, Key: `failed-uploads/ep1/c1/${OLDER.executionId}/clip.mp4` };
  const { ContentType, Metadata } = await bucket.client.send(new GetObjectCommand(at));
  expect(ContentType).toBe('video/mp4');
  expect(Metadata).toEqual(fileMetadata(originOf(OLDER), RECEIPT, Metadata!.sha256!));
  const { TagSet } = await bucket.client.send(new GetObjectTaggingCommand(at));
  expect(TagSet).toEqual([{ Key: 'splicebus', Value: 'failed-upload' }]);
});

it('says so where there is no place either', async () => {
  refuse(() => true);
  const { code, message } = await failureOf(write(OLDER));
  expect(code).toBe('UPLOAD_FAILED');
  expect(message).toContain(`nor be kept at s3://${BUCKET}/failed-uploads/ep1/c1/`);
});

describe('a clip that is not written', () => {
  const isKeeping = ({ path }: PassingRequest) => path.includes('failed-uploads');

  it('is not kept where others win', async () => {
    refuse(isUpload, 412, 'PreconditionFailed');
    expect(await failureOf(write(OLDER))).toMatchObject({ code: 'CONFLICT' });
    expect(proxy.requests.filter(isKeeping)).toEqual([]);
  });

  it('is not kept where the function is out of time', async () => {
    proxy.mishap = (request) => (isUpload(request) ? 'no answer' : undefined);
    const controller = new AbortController();
    const outcome = expect(write(OLDER, BYTES, controller.signal)).rejects.toMatchObject({
      name: 'AbortError',
    });
    await vi.waitFor(() => expect(proxy.requests.filter(isUpload)).toHaveLength(1));
    controller.abort();
    await outcome;
    expect(proxy.requests.filter(isKeeping)).toEqual([]);
  });
});
