import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  type CopyObjectCommandInput,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  PutObjectCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { BUCKET, startS3 } from './testing.ts';

const CopySource = `${BUCKET}/${encodeURIComponent('from/ü a+b.txt')}`;

async function startWithSource() {
  const s3 = await startS3();
  const { ETag } = await s3.client.send(
    new PutObjectCommand({
      Bucket: BUCKET,
      Key: 'from/ü a+b.txt',
      Body: '0123456789',
      ContentType: 'text/plain',
      Metadata: { tenant: 'acme' },
    }),
  );
  const copy = (input: Partial<CopyObjectCommandInput> = {}) =>
    s3.client.send(new CopyObjectCommand({ Bucket: BUCKET, Key: 'to.txt', CopySource, ...input }));
  const get = async (Key = 'to.txt') => {
    const got = await s3.client.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
    return { ...got, text: await got.Body!.transformToString() };
  };
  return { ...s3, ETag, copy, get };
}

describe('CopyObject', () => {
  it('copies bytes and metadata', async () => {
    const { copy, get, ETag } = await startWithSource();
    const { CopyObjectResult } = await copy();
    expect(CopyObjectResult).toMatchObject({ ETag, LastModified: expect.any(Date) });
    expect(await get()).toMatchObject({
      text: '0123456789',
      ETag,
      ContentType: 'text/plain',
      Metadata: { tenant: 'acme' },
    });
  });

  it('replaces the metadata when told to, of the object itself too', async () => {
    const { copy, get } = await startWithSource();
    const Key = 'from/ü a+b.txt';
    await expect(copy({ Key })).rejects.toMatchObject({ name: 'InvalidRequest' });
    await copy({ Key, MetadataDirective: 'REPLACE', ContentType: 'a/b', Metadata: { x: 'y' } });
    expect(await get(Key)).toMatchObject({
      text: '0123456789',
      ContentType: 'a/b',
      Metadata: { x: 'y' },
    });
  });

  it('heeds conditions on the source and on the target', async () => {
    const { copy, ETag } = await startWithSource();
    const failed = { name: 'PreconditionFailed' };
    await expect(copy({ CopySourceIfMatch: '"other"' })).rejects.toMatchObject(failed);
    await expect(copy({ CopySourceIfNoneMatch: ETag })).rejects.toMatchObject(failed);
    await copy({ CopySourceIfMatch: ETag, IfNoneMatch: '*' });
    await expect(copy({ IfNoneMatch: '*' })).rejects.toMatchObject(failed);
  });

  it('names what is missing', async () => {
    const { copy } = await startWithSource();
    const missing = [
      ['NoSuchKey', `${BUCKET}/nothing`],
      ['NoSuchBucket', 'nowhere/x'],
      ['InvalidArgument', 'nokey'],
    ] as const;
    for (const [name, source] of missing) {
      await expect(copy({ CopySource: source })).rejects.toMatchObject({ name });
    }
  });
});

it('UploadPartCopy makes a part of some bytes', async () => {
  const { client, get } = await startWithSource();
  const at = { Bucket: BUCKET, Key: 'to.txt' };
  const { UploadId } = await client.send(
    new CreateMultipartUploadCommand({ ...at, ChecksumAlgorithm: 'SHA256' }),
  );
  const input = { ...at, UploadId, PartNumber: 1, CopySource };
  const beyond = new UploadPartCopyCommand({ ...input, CopySourceRange: 'bytes=5-10' });
  await expect(client.send(beyond)).rejects.toMatchObject({ name: 'InvalidRange' });
  const { CopyPartResult } = await client.send(
    new UploadPartCopyCommand({ ...input, CopySourceRange: 'bytes=2-5' }),
  );
  expect(CopyPartResult?.ChecksumSHA256).toMatch(/=$/);
  const Parts = [{ ...CopyPartResult, PartNumber: 1 }];
  await client.send(
    new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload: { Parts } }),
  );
  expect((await get()).text).toBe('2345');
});
