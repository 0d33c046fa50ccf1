import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { BUCKET, startS3 } from './testing.ts';

const at = { Bucket: BUCKET, Key: 'lock' };
const failed = { name: 'PreconditionFailed', $metadata: { httpStatusCode: 412 } };

describe('If-None-Match: *', () => {
  it('lets exactly one of fifty create the object', async () => {
    const { client, events } = await startS3();
    const attempts = await Promise.allSettled(
      Array.from({ length: 50 }, (_, index) =>
        client.send(new PutObjectCommand({ ...at, Body: `writer ${index}`, IfNoneMatch: '*' })),
      ),
    );
    const winner = attempts.findIndex(({ status }) => status === 'fulfilled');
    const losers = attempts.filter((attempt) => attempt.status === 'rejected');
    expect(losers).toHaveLength(49);
    for (const { reason } of losers) expect(reason).toMatchObject(failed);
    const got = await client.send(new GetObjectCommand(at));
    expect(await got.Body!.transformToString()).toBe(`writer ${winner}`);
    expect(events).toHaveLength(1);
  });

  it('holds for a multipart upload at its completion', async () => {
    const { client } = await startS3();
    const { UploadId } = await client.send(new CreateMultipartUploadCommand(at));
    const part = await client.send(
      new UploadPartCommand({ ...at, UploadId, PartNumber: 1, Body: 'multipart' }),
    );
    const complete = new CompleteMultipartUploadCommand({
      ...at,
      UploadId,
      IfNoneMatch: '*',
      MultipartUpload: { Parts: [{ ...part, PartNumber: 1 }] },
    });
    await client.send(new PutObjectCommand({ ...at, Body: 'first' }));
    await expect(client.send(complete)).rejects.toMatchObject(failed);
    const got = await client.send(new GetObjectCommand(at));
    expect(await got.Body!.transformToString()).toBe('first');
  });
});

describe('If-Match', () => {
  it('lets exactly one of many replace the version they all saw', async () => {
    const { client } = await startS3();
    const { ETag } = await client.send(new PutObjectCommand({ ...at, Body: 'seen' }));
    const attempts = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) =>
        client.send(new PutObjectCommand({ ...at, Body: `writer ${index}`, IfMatch: ETag })),
      ),
    );
    expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('does not create', async () => {
    const { client } = await startS3();
    const put = new PutObjectCommand({ ...at, Body: 'x', IfMatch: '"any"' });
    await expect(client.send(put)).rejects.toMatchObject({ name: 'NoSuchKey' });
  });
});
