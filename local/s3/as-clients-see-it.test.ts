import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { describe, expect, it } from 'vitest';
import { BUCKET, startS3 } from './testing.ts';

it('an error is in no namespace, as boto3 and the AWS CLI read it', async () => {
  const { endpoint } = await startS3();
  const body = await (await fetch(`${endpoint}/${BUCKET}/nothing`)).text();
  expect(body).toMatch(/^<\?xml [^>]*\?>\n<Error><Code>NoSuchKey<\/Code>/);
});

it('an empty continuation token is none', async () => {
  const { client } = await startS3();
  await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'a', Body: 'a' }));
  const page = await client.send(
    new ListObjectsV2Command({ Bucket: BUCKET, ContinuationToken: '' }),
  );
  expect(page.Contents?.map(({ Key }) => Key)).toEqual(['a']);
});

describe('a presigned URL', () => {
  it.each([
    ['604801', /less than a week/],
    ['-1', /non-negative/],
    ['soon', /should be a number/],
    ['', /should be a number/],
  ])('that is to hold for %j seconds is refused', async (expires, says) => {
    const { client } = await startS3();
    const command = new GetObjectCommand({ Bucket: BUCKET, Key: 'a' });
    const url = new URL(await getSignedUrl(client, command, { expiresIn: 60 }));
    url.searchParams.set('X-Amz-Expires', expires);
    const answer = await fetch(url);
    expect(answer.status).toBe(400);
    const body = await answer.text();
    expect(body).toContain('<Code>AuthorizationQueryParametersError</Code>');
    expect(body).toMatch(says);
  });
});

it('a bucket is deleted once it is empty', async () => {
  const { client } = await startS3();
  const Bucket = 'short-lived';
  await client.send(new CreateBucketCommand({ Bucket }));
  await client.send(new PutObjectCommand({ Bucket, Key: 'a/b', Body: 'x' }));
  const refused = { name: 'BucketNotEmpty', $metadata: { httpStatusCode: 409 } };
  await expect(client.send(new DeleteBucketCommand({ Bucket }))).rejects.toMatchObject(refused);
  await client.send(new DeleteObjectCommand({ Bucket, Key: 'a/b' }));
  await client.send(new DeleteBucketCommand({ Bucket }));
  await expect(client.send(new HeadBucketCommand({ Bucket }))).rejects.toMatchObject({
    $metadata: { httpStatusCode: 404 },
  });
  // A new one of the same name begins empty.
  await client.send(new CreateBucketCommand({ Bucket }));
  expect((await client.send(new ListObjectsV2Command({ Bucket }))).Contents).toBeUndefined();
  await client.send(new CreateMultipartUploadCommand({ Bucket, Key: 'c' }));
  await expect(client.send(new DeleteBucketCommand({ Bucket }))).rejects.toMatchObject(refused);
});

describe('a multipart upload', () => {
  const Key = 'large';
  const sizes = [5 * 1024 * 1024, 5 * 1024 * 1024 + 7, 3];

  async function uploaded(client: S3Client) {
    const { UploadId } = await client.send(
      new CreateMultipartUploadCommand({ Bucket: BUCKET, Key }),
    );
    const Parts = [];
    for (const [n, size] of sizes.entries()) {
      const PartNumber = 2 * n + 1;
      const Body = Buffer.alloc(size, n + 1);
      const { ETag } = await client.send(
        new UploadPartCommand({ Bucket: BUCKET, Key, UploadId, PartNumber, Body }),
      );
      Parts.push({ PartNumber, ETag });
    }
    return { Bucket: BUCKET, Key, UploadId, MultipartUpload: { Parts } };
  }

  it('that is completed again with the same parts gives the same answer', async () => {
    const { client, events } = await startS3();
    const upload = await uploaded(client);
    const complete = () => client.send(new CompleteMultipartUploadCommand(upload));
    const [first, beside] = await Promise.all([complete(), complete()]);
    const later = await complete();
    for (const { ETag, Location } of [beside, later]) {
      expect({ ETag, Location }).toEqual({ ETag: first.ETag, Location: first.Location });
    }
    expect(events).toHaveLength(1);

    const other = { Parts: upload.MultipartUpload.Parts.slice(0, 2) };
    const command = new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: other });
    await expect(client.send(command)).rejects.toMatchObject({ name: 'NoSuchUpload' });
    await client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: 'another' }));
    await expect(complete()).rejects.toMatchObject({ name: 'NoSuchUpload' });
  });

  it('is read part by part', async () => {
    const { client } = await startS3();
    await client.send(new CompleteMultipartUploadCommand(await uploaded(client)));
    for (const [n, size] of sizes.entries()) {
      const asked = { Bucket: BUCKET, Key, PartNumber: n + 1 };
      const got = await client.send(new GetObjectCommand(asked));
      const bytes = Buffer.from(await got.Body!.transformToByteArray());
      expect(bytes.equals(Buffer.alloc(size, n + 1))).toBe(true);
      expect(got).toMatchObject({ PartsCount: 3, ContentLength: size });
      const { ContentLength, PartsCount } = await client.send(new HeadObjectCommand(asked));
      expect({ ContentLength, PartsCount }).toEqual({ ContentLength: size, PartsCount: 3 });
    }
    const fourth = new GetObjectCommand({ Bucket: BUCKET, Key, PartNumber: 4 });
    await expect(client.send(fourth)).rejects.toMatchObject({ name: 'InvalidPartNumber' });
  });

  it('and what came as one has one part', async () => {
    const { client } = await startS3();
    await client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: 'abc' }));
    const got = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key, PartNumber: 1 }));
    expect(await got.Body!.transformToString()).toBe('abc');
    expect(got.PartsCount).toBeUndefined();
  });
});
