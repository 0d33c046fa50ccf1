import { mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import {
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, it, vi } from 'vitest';
import { BUCKET, startS3, temporaryFolder } from './testing.ts';

const at = (Key: string) => ({ Bucket: BUCKET, Key });

describe('after a restart', () => {
  it('objects, buckets and uploads are as they were', async () => {
    const before = await startS3();
    await before.client.send(
      new PutObjectCommand({ ...at('a/b.txt'), Body: 'kept', Metadata: { x: 'y' } }),
    );
    const { UploadId } = await before.client.send(new CreateMultipartUploadCommand(at('m')));
    await before.client.send(
      new UploadPartCommand({ ...at('m'), UploadId, PartNumber: 1, Body: 'part' }),
    );
    await before.service.close();
    await expect(before.client.send(new HeadObjectCommand(at('a/b.txt')))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 503 },
    });

    const { client } = await startS3({ rootDir: before.rootDir });
    const got = await client.send(new GetObjectCommand(at('a/b.txt')));
    expect(got.Metadata).toEqual({ x: 'y' });
    expect(await got.Body!.transformToString()).toBe('kept');
    const { Parts } = await client.send(new ListPartsCommand({ ...at('m'), UploadId }));
    expect(Parts).toHaveLength(1);
  });

  it('what a crash left behind is no object', async () => {
    const rootDir = await temporaryFolder();
    const first = await startS3({ rootDir });
    await first.client.send(new PutObjectCommand({ ...at('a.txt'), Body: 'old' }));
    await first.service.close();
    // Killed while a body came in, and again between writing a record and the commit.
    await writeFile(join(rootDir, '.meta/tmp/half'), 'ha');
    await writeFile(join(rootDir, '.meta/objects', BUCKET, 'a.txt/999-3.json'), '{"key":"a.t');
    await mkdir(join(rootDir, '.meta/objects', BUCKET, 'new.txt'));
    await writeFile(join(rootDir, '.meta/objects', BUCKET, 'new.txt/1-1.json'), '{}');

    const { client } = await startS3({ rootDir });
    expect(await readdir(join(rootDir, '.meta/tmp'))).toEqual([]);
    const { Contents } = await client.send(new ListObjectsV2Command({ Bucket: BUCKET }));
    expect(Contents?.map(({ Key }) => Key)).toEqual(['a.txt']);
    const got = await client.send(new GetObjectCommand(at('a.txt')));
    expect(await got.Body!.transformToString()).toBe('old');
    await client.send(new PutObjectCommand({ ...at('a.txt'), Body: 'new' }));
    expect(await readdir(join(rootDir, '.meta/objects', BUCKET, 'a.txt'))).toHaveLength(1);
  });
});

it('a body that breaks off leaves the old object, and nothing else', async () => {
  const { client, endpoint, rootDir } = await startS3();
  await client.send(new PutObjectCommand({ ...at('a.txt'), Body: 'old' }));
  await new Promise<void>((resolve) => {
    const options = { method: 'PUT', headers: { 'content-length': 1_000_000 } };
    const request = httpRequest(`${endpoint}/${BUCKET}/a.txt`, options);
    request.on('error', () => resolve());
    request.write(Buffer.alloc(100_000), () => request.destroy(new Error('gone')));
  });
  await vi.waitFor(async () => expect(await readdir(join(rootDir, '.meta/tmp'))).toEqual([]));
  const got = await client.send(new GetObjectCommand(at('a.txt')));
  expect(await got.Body!.transformToString()).toBe('old');
});

it('readers see one whole version or another while writers replace and delete', async () => {
  const { client } = await startS3();
  const sizes = [10_000, 200_000, 10_000, 50_000];
  const put = (version: number) =>
    client.send(
      new PutObjectCommand({
        ...at('d/x.bin'),
        Body: Buffer.alloc(sizes[version % sizes.length]!, version),
        Metadata: { version: String(version) },
      }),
    );
  await put(0);
  let writing = true;
  const write = async () => {
    for (let version = 1; version <= 60; version++) {
      await put(version);
      if (version % 10 === 0) await client.send(new DeleteObjectCommand(at('d/x.bin')));
      // Its neighbour comes and goes, and the folder of both with it.
      await client.send(new PutObjectCommand({ ...at('d/y.bin'), Body: 'y' }));
      await client.send(new DeleteObjectCommand(at('d/y.bin')));
    }
    writing = false;
  };
  let whole = 0;
  const read = async () => {
    while (writing) {
      const got = await client.send(new GetObjectCommand(at('d/x.bin'))).catch((error) => {
        expect(error).toMatchObject({ name: 'NoSuchKey' });
      });
      if (!got) continue;
      whole++;
      const version = Number(got.Metadata?.version);
      const bytes = Buffer.from(await got.Body!.transformToByteArray());
      expect(bytes.equals(Buffer.alloc(sizes[version % sizes.length]!, version))).toBe(true);
    }
  };
  await Promise.all([write(), read(), read(), read()]);
  expect(whole).toBeGreaterThan(0);
});

it('a file put there by hand is an object, unless its name is no key', async () => {
  const { client, rootDir } = await startS3();
  await mkdir(join(rootDir, BUCKET, 'ep1'));
  await writeFile(join(rootDir, BUCKET, 'ep1/clip.mp4'), 'by hand');
  await writeFile(join(rootDir, BUCKET, 'no%key.txt'), 'x');
  const { Contents } = await client.send(new ListObjectsV2Command({ Bucket: BUCKET }));
  expect(Contents?.map(({ Key }) => Key)).toEqual(['ep1/clip.mp4']);
  const got = await client.send(new GetObjectCommand(at('ep1/clip.mp4')));
  expect(await got.Body!.transformToString()).toBe('by hand');
  expect(got.ETag).toBe(Contents?.[0]?.ETag);
});

it('a key that the file system takes for another is refused', async () => {
  const { client, rootDir } = await startS3();
  await client.send(new PutObjectCommand({ ...at('A.txt'), Body: 'capital' }));
  // What a file system without case would find under a.txt: the file and the record of A.txt.
  const records = join(rootDir, '.meta/objects', BUCKET);
  await rename(join(rootDir, BUCKET, 'A.txt'), join(rootDir, BUCKET, 'a.txt'));
  await rename(join(records, 'A.txt'), join(records, 'a.txt'));
  await expect(client.send(new HeadObjectCommand(at('a.txt')))).rejects.toThrow();
  const put = new PutObjectCommand({ ...at('a.txt'), Body: 'small' });
  await expect(client.send(put)).rejects.toMatchObject({ name: 'InvalidRequest' });
});
