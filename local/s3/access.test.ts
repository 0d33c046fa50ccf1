import {
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { describe, expect, it } from 'vitest';
import { AwsError } from '../gateway/service.ts';
import { BUCKET, startS3 } from './testing.ts';

const at = (Key: string) => ({ Bucket: BUCKET, Key });

/** A caller who may do only these actions. */
function only(...actions: string[]) {
  return (action: string, resource: string) => {
    if (!actions.includes(action)) throw new AwsError('AccessDenied', `${action} ${resource}`, 403);
  };
}

describe('authorisation', () => {
  it('asks for the action that IAM knows, on the ARN', async () => {
    const { client, authorized } = await startS3();
    await client.send(new PutObjectCommand({ ...at('a/b c'), Body: 'x' }));
    await client.send(new HeadObjectCommand(at('a/b c')));
    await client.send(new CopyObjectCommand({ ...at('d'), CopySource: `${BUCKET}/a/b%20c` }));
    await client.send(new ListObjectsV2Command({ Bucket: BUCKET }));
    const { UploadId } = await client.send(new CreateMultipartUploadCommand(at('m')));
    await client.send(new ListPartsCommand({ ...at('m'), UploadId }));
    expect(authorized).toEqual([
      's3:PutObject arn:aws:s3:::media/a/b c',
      's3:GetObject arn:aws:s3:::media/a/b c',
      's3:PutObject arn:aws:s3:::media/d',
      's3:GetObject arn:aws:s3:::media/a/b c',
      's3:ListBucket arn:aws:s3:::media',
      's3:PutObject arn:aws:s3:::media/m',
      's3:ListMultipartUploadParts arn:aws:s3:::media/m',
    ]);
  });

  it('refuses before anything is stored', async () => {
    const { client, events } = await startS3({ authorize: only('s3:GetObject', 's3:ListBucket') });
    const put = new PutObjectCommand({ ...at('x'), Body: Buffer.alloc(2_000_000) });
    const denied = { name: 'AccessDenied', $metadata: { httpStatusCode: 403 } };
    await expect(client.send(put)).rejects.toMatchObject(denied);
    await expect(client.send(new GetObjectCommand(at('x')))).rejects.toMatchObject({
      name: 'NoSuchKey',
    });
    expect(events).toEqual([]);
  });

  it('does not tell who may not list whether a key exists', async () => {
    const { client } = await startS3({ authorize: only('s3:GetObject') });
    await expect(client.send(new GetObjectCommand(at('x')))).rejects.toMatchObject({
      name: 'AccessDenied',
    });
  });

  it('is by key in DeleteObjects', async () => {
    const { client } = await startS3({
      authorize(_action, resource) {
        if (resource.endsWith('/kept')) throw new AwsError('AccessDenied', 'Access Denied', 403);
      },
    });
    const Objects = [{ Key: 'kept' }, { Key: 'gone' }];
    const result = await client.send(
      new DeleteObjectsCommand({ Bucket: BUCKET, Delete: { Objects } }),
    );
    expect(result.Deleted).toMatchObject([{ Key: 'gone' }]);
    expect(result.Errors).toMatchObject([{ Key: 'kept', Code: 'AccessDenied' }]);
  });
});

describe('presigned URLs', () => {
  it('read, with the headers they ask for', async () => {
    const { client } = await startS3();
    await client.send(new PutObjectCommand({ ...at('clip ü.mp4'), Body: 'video' }));
    const url = await getSignedUrl(
      client,
      new GetObjectCommand({
        ...at('clip ü.mp4'),
        ResponseContentDisposition: 'attachment; filename="Ü.mp4"',
        ResponseContentType: 'video/mp4',
      }),
      { expiresIn: 60 },
    );
    const response = await fetch(url);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('video/mp4');
    const disposition = Buffer.from(response.headers.get('content-disposition')!, 'latin1');
    expect(disposition.toString()).toBe('attachment; filename="Ü.mp4"');
    expect(await response.text()).toBe('video');
  });

  it('write, with the metadata they carry', async () => {
    const { client } = await startS3();
    const command = new PutObjectCommand({ ...at('up.bin'), Metadata: { tenant: 'acme' } });
    const url = await getSignedUrl(client, command, { expiresIn: 60 });
    const response = await fetch(url, { method: 'PUT', body: 'uploaded' });
    expect(response.status).toBe(200);
    const got = await client.send(new GetObjectCommand(at('up.bin')));
    expect(got.Metadata).toEqual({ tenant: 'acme' });
    expect(await got.Body!.transformToString()).toBe('uploaded');
  });

  it('end', async () => {
    const { client } = await startS3();
    await client.send(new PutObjectCommand({ ...at('x'), Body: 'x' }));
    const signingDate = new Date(Date.now() - 61_000);
    const command = new GetObjectCommand(at('x'));
    const url = await getSignedUrl(client, command, { expiresIn: 60, signingDate });
    const response = await fetch(url);
    expect(response.status).toBe(403);
    expect(await response.text()).toContain('Request has expired');
  });

  it('cannot smuggle headers in', async () => {
    const { endpoint, client } = await startS3();
    await client.send(new PutObjectCommand({ ...at('x'), Body: 'x' }));
    const query = 'response-content-type=a%0D%0Aset-cookie:b';
    expect((await fetch(`${endpoint}/${BUCKET}/x?${query}`)).status).toBe(400);
  });
});
