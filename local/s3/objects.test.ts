import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketLocationCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { BUCKET, startS3 } from './testing.ts';

const at = (Key: string) => ({ Bucket: BUCKET, Key });

describe('objects', () => {
  it('come back as they were put, and lie as plain files', async () => {
    const { client, rootDir } = await startS3();
    const body = randomBytes(300_000);
    const put = await client.send(
      new PutObjectCommand({
        ...at('ep1/clips/clip.mp4'),
        Body: body,
        ContentType: 'video/mp4',
        CacheControl: 'max-age=60',
        ContentDisposition: 'attachment; filename="clip.mp4"',
        Metadata: { tenant: 'acme', 'clip-id': '42' },
      }),
    );
    const got = await client.send(new GetObjectCommand(at('ep1/clips/clip.mp4')));
    expect(body.equals(await got.Body!.transformToByteArray())).toBe(true);
    expect(got).toMatchObject({
      ContentLength: body.length,
      ContentType: 'video/mp4',
      CacheControl: 'max-age=60',
      ContentDisposition: 'attachment; filename="clip.mp4"',
      Metadata: { tenant: 'acme', 'clip-id': '42' },
      ETag: `"${createHash('md5').update(body).digest('hex')}"`,
      AcceptRanges: 'bytes',
    });
    expect(put.ETag).toBe(got.ETag);
    expect(got.$metadata.requestId).toMatch(/^[0-9A-F]{16}$/);
    expect(body.equals(await readFile(join(rootDir, BUCKET, 'ep1/clips/clip.mp4')))).toBe(true);

    const head = await client.send(new HeadObjectCommand(at('ep1/clips/clip.mp4')));
    expect(head).toMatchObject({ ContentLength: body.length, ETag: got.ETag });
    expect(head.LastModified).toEqual(got.LastModified);
  });

  it('may be streamed, with a checksum behind them, and keep their content encoding', async () => {
    const { client } = await startS3();
    const body = randomBytes(1_000_000);
    await client.send(
      new PutObjectCommand({
        ...at('a.bin'),
        Body: Readable.from([body.subarray(0, 700_001), body.subarray(700_001)]),
        ContentLength: body.length,
        ContentEncoding: 'gzip',
      }),
    );
    const got = await client.send(
      new GetObjectCommand({ ...at('a.bin'), ChecksumMode: 'ENABLED' }),
    );
    expect(got.ContentEncoding).toBe('gzip');
    expect(got.ChecksumCRC32).toMatch(/^.{6}==$/);
    expect(body.equals(await got.Body!.transformToByteArray())).toBe(true);
  });

  it.each(['', 'x'])('may be as small as %j', async (body) => {
    const { client } = await startS3();
    await client.send(new PutObjectCommand({ ...at('small.txt'), Body: body }));
    const got = await client.send(new GetObjectCommand(at('small.txt')));
    expect(await got.Body!.transformToString()).toBe(body);
  });

  it('may have any key', async () => {
    const { client } = await startS3();
    const hostile = ['..', '../../up', './x', '%2e%2e/x', '.meta/x', 'con', 'tab\tnew\nline'];
    const nested = ['a', 'a/b', 'a/', 'a//b', '/lead', `${'long'.repeat(200)}/x`];
    const escaped = ['q?x=1#y', 'a+b c', 'ümläut/😀', 'quote\'"<&>'];
    const keys = [...hostile, ...nested, ...escaped];
    for (const key of keys) await client.send(new PutObjectCommand({ ...at(key), Body: key }));
    for (const key of keys) {
      const got = await client.send(new GetObjectCommand(at(key)));
      expect(await got.Body!.transformToString()).toBe(key);
    }
  });

  it('are read in parts', async () => {
    const { client } = await startS3();
    await client.send(new PutObjectCommand({ ...at('d.txt'), Body: '0123456789' }));
    const read = async (Range: string) => {
      const got = await client.send(new GetObjectCommand({ ...at('d.txt'), Range }));
      return [got.$metadata.httpStatusCode, got.ContentRange, await got.Body!.transformToString()];
    };
    expect(await read('bytes=2-4')).toEqual([206, 'bytes 2-4/10', '234']);
    expect(await read('bytes=8-')).toEqual([206, 'bytes 8-9/10', '89']);
    expect(await read('bytes=-1')).toEqual([206, 'bytes 9-9/10', '9']);
    await expect(read('bytes=10-')).rejects.toMatchObject({
      name: 'InvalidRange',
      $metadata: { httpStatusCode: 416 },
    });
  });

  it('are read on conditions', async () => {
    const { client } = await startS3();
    const { ETag } = await client.send(new PutObjectCommand({ ...at('c.txt'), Body: 'x' }));
    await expect(
      client.send(new GetObjectCommand({ ...at('c.txt'), IfNoneMatch: ETag })),
    ).rejects.toMatchObject({ $metadata: { httpStatusCode: 304 } });
    await expect(
      client.send(new GetObjectCommand({ ...at('c.txt'), IfMatch: '"other"' })),
    ).rejects.toMatchObject({ name: 'PreconditionFailed', $metadata: { httpStatusCode: 412 } });
    await client.send(new GetObjectCommand({ ...at('c.txt'), IfMatch: ETag }));
  });

  it('are gone when deleted, and deleting again is fine', async () => {
    const { client } = await startS3();
    await client.send(new PutObjectCommand({ ...at('x/y/z.txt'), Body: 'x' }));
    await client.send(new DeleteObjectCommand(at('x/y/z.txt')));
    await client.send(new DeleteObjectCommand(at('x/y/z.txt')));
    await expect(client.send(new GetObjectCommand(at('x/y/z.txt')))).rejects.toMatchObject({
      name: 'NoSuchKey',
    });
    await expect(client.send(new HeadObjectCommand(at('x/y/z.txt')))).rejects.toMatchObject({
      name: 'NotFound',
      $metadata: { httpStatusCode: 404 },
    });
  });

  it('are deleted by the list', async () => {
    const { client } = await startS3();
    const keys = ['1', '2/3', '<&>\'"', ' padded '];
    for (const key of keys) await client.send(new PutObjectCommand({ ...at(key), Body: key }));
    const Objects = [...keys, 'missing'].map((Key) => ({ Key }));
    const result = await client.send(
      new DeleteObjectsCommand({ Bucket: BUCKET, Delete: { Objects } }),
    );
    expect(result.Deleted?.map(({ Key }) => Key)).toEqual([...keys, 'missing']);
    for (const key of keys) {
      await expect(client.send(new HeadObjectCommand(at(key)))).rejects.toThrow();
    }
  });
});

describe('buckets', () => {
  it('are created, found and listed', async () => {
    const { client } = await startS3();
    await client.send(new CreateBucketCommand({ Bucket: 'second' }));
    await expect(client.send(new CreateBucketCommand({ Bucket: 'second' }))).rejects.toMatchObject({
      name: 'BucketAlreadyOwnedByYou',
    });
    const head = await client.send(new HeadBucketCommand({ Bucket: 'second' }));
    expect(head.BucketRegion).toBe('eu-central-1');
    const location = await client.send(new GetBucketLocationCommand({ Bucket: 'second' }));
    expect(location.LocationConstraint).toBe('eu-central-1');
    const { Buckets } = await client.send(new ListBucketsCommand({}));
    expect(Buckets?.map(({ Name }) => Name)).toEqual([BUCKET, 'second']);
  });

  it('that do not exist are named as such', async () => {
    const { client } = await startS3();
    const Bucket = 'nowhere';
    for (const command of [
      new GetObjectCommand({ Bucket, Key: 'x' }),
      new PutObjectCommand({ Bucket, Key: 'x', Body: 'x' }),
    ]) {
      await expect(client.send(command as GetObjectCommand)).rejects.toMatchObject({
        name: 'NoSuchBucket',
      });
    }
  });

  it('have no names that lead elsewhere', async () => {
    const { service } = await startS3();
    for (const name of ['.meta', '..', 'a/b', 'a\\b', 'UPPER', 'a', 'a..b', 'x'.repeat(64)]) {
      await expect(service.createBucket(name, { eventBridge: false })).rejects.toMatchObject({
        code: 'InvalidBucketName',
      });
    }
  });
});

it('refuses operations it does not have, and leaves the object alone', async () => {
  const { client, endpoint } = await startS3();
  await client.send(new PutObjectCommand({ ...at('x.txt'), Body: 'kept' }));
  const response = await fetch(`${endpoint}/${BUCKET}/x.txt?acl`, { method: 'PUT', body: 'lost' });
  expect(response.status).toBe(501);
  expect(await response.text()).toContain('<Code>NotImplemented</Code>');
  const got = await client.send(new GetObjectCommand(at('x.txt')));
  expect(await got.Body!.transformToString()).toBe('kept');
});
