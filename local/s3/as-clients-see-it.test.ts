import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  ListObjectsV2Command,
  PutObjectCommand,
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
