import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  type CopyObjectCommandInput,
  CreateMultipartUploadCommand,
  DeleteObjectTaggingCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  type S3Client,
  type Tag,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { describe, expect, it } from 'vitest';
import { AwsError } from '../gateway/service.ts';
import { BUCKET, startS3 } from './testing.ts';

const at = (Key: string) => ({ Bucket: BUCKET, Key });
const INTERMEDIATE = [{ Key: 'splicebus', Value: 'intermediate' }];

const put = (client: S3Client, Key: string, Tagging?: string) =>
  client.send(new PutObjectCommand({ ...at(Key), Body: 'hello', Tagging }));
const setTags = (client: S3Client, Key: string, TagSet: Tag[]) =>
  client.send(new PutObjectTaggingCommand({ ...at(Key), Tagging: { TagSet } }));
const tagsOf = async (client: S3Client, Key: string) =>
  (await client.send(new GetObjectTaggingCommand(at(Key)))).TagSet;
const head = (client: S3Client, Key: string) => client.send(new HeadObjectCommand(at(Key)));

/** A caller who may do all but these actions. */
function allBut(...actions: string[]) {
  return (action: string, resource: string) => {
    if (actions.includes(action)) throw new AwsError('AccessDenied', `${action} ${resource}`, 403);
  };
}

describe('tags', () => {
  it('come with PutObject and are counted on reads', async () => {
    const { client } = await startS3();
    await put(client, 'x', 'splicebus=intermediate&caf%C3%A9=a+b%2Fc%3D&empty=');
    expect(await tagsOf(client, 'x')).toEqual([
      ...INTERMEDIATE,
      { Key: 'café', Value: 'a b/c=' },
      { Key: 'empty', Value: '' },
    ]);
    expect((await head(client, 'x')).TagCount).toBe(3);
    const got = await client.send(new GetObjectCommand({ ...at('x'), Range: 'bytes=0-1' }));
    expect(got.TagCount).toBe(3);
    expect(await got.Body!.transformToString()).toBe('he');
  });

  it('are gone when the object is replaced without them', async () => {
    const { client } = await startS3();
    await put(client, 'x', 'a=b');
    await put(client, 'x');
    expect(await tagsOf(client, 'x')).toEqual([]);
    expect((await head(client, 'x')).TagCount).toBeUndefined();
  });

  it('come with a presigned upload', async () => {
    const { client } = await startS3();
    const command = new PutObjectCommand({ ...at('x'), Tagging: 'splicebus=intermediate' });
    const url = await getSignedUrl(client, command, { expiresIn: 60 });
    expect((await fetch(url, { method: 'PUT', body: 'x' })).status).toBe(200);
    expect(await tagsOf(client, 'x')).toEqual(INTERMEDIATE);
  });

  it('wait in a multipart upload, also over a restart', async () => {
    const before = await startS3();
    const { UploadId } = await before.client.send(
      new CreateMultipartUploadCommand({ ...at('m'), Tagging: 'splicebus=intermediate' }),
    );
    await before.service.close();
    const { client } = await startS3({ rootDir: before.rootDir });
    const { ETag } = await client.send(
      new UploadPartCommand({ ...at('m'), UploadId, PartNumber: 1, Body: 'part' }),
    );
    const MultipartUpload = { Parts: [{ ETag, PartNumber: 1 }] };
    await client.send(
      new CompleteMultipartUploadCommand({ ...at('m'), UploadId, MultipartUpload }),
    );
    expect(await tagsOf(client, 'm')).toEqual(INTERMEDIATE);
  });
});

describe('PutObjectTagging and DeleteObjectTagging', () => {
  it('change the tags and nothing else', async () => {
    const { client, events } = await startS3();
    await client.send(
      new PutObjectCommand({ ...at('x'), Body: 'hello', Metadata: { a: 'b' }, Tagging: 'old=1' }),
    );
    const read = async () => {
      const got = await client.send(new GetObjectCommand({ ...at('x'), ChecksumMode: 'ENABLED' }));
      const { $metadata, TagCount, Body, ...rest } = got;
      return { rest, text: await Body!.transformToString() };
    };
    const before = await read();
    expect(before).toMatchObject({ text: 'hello', rest: { Metadata: { a: 'b' } } });
    // The keys of JavaScript's own objects are keys like any other.
    const set = [
      { Key: '__proto__', Value: ' + ' },
      { Key: 'constructor', Value: '' },
    ];
    await setTags(client, 'x', set);
    expect(await tagsOf(client, 'x')).toEqual(set);
    expect(await read()).toEqual(before);
    await client.send(new DeleteObjectTaggingCommand(at('x')));
    expect(await tagsOf(client, 'x')).toEqual([]);
    expect(await read()).toEqual(before);
    expect(events).toHaveLength(1);
  });

  it('work on a file put there by hand', async () => {
    const { client, rootDir } = await startS3();
    await writeFile(join(rootDir, BUCKET, 'x.txt'), 'by hand');
    const { ETag, LastModified } = await head(client, 'x.txt');
    await setTags(client, 'x.txt', INTERMEDIATE);
    expect(await head(client, 'x.txt')).toMatchObject({ ETag, LastModified, TagCount: 1 });
  });

  it('take turns with a writer that replaces the object', async () => {
    const { client } = await startS3();
    await put(client, 'x', 'by=put');
    for (let round = 0; round < 20; round++) {
      const Body = 'x'.repeat(round);
      const replace = new PutObjectCommand({ ...at('x'), Body, Tagging: 'by=put' });
      const [{ ETag }] = await Promise.all([
        client.send(replace),
        setTags(client, 'x', INTERMEDIATE),
      ]);
      const got = await client.send(new GetObjectCommand(at('x')));
      expect(got).toMatchObject({ ETag, TagCount: 1 });
      expect(await got.Body!.transformToString()).toBe(Body);
      const either = [[{ Key: 'by', Value: 'put' }], INTERMEDIATE];
      expect(either).toContainEqual(await tagsOf(client, 'x'));
    }
  });

  it('name what is missing', async () => {
    const { client } = await startS3();
    const missing = { name: 'NoSuchKey', $metadata: { httpStatusCode: 404 } };
    await expect(setTags(client, 'x', INTERMEDIATE)).rejects.toMatchObject(missing);
    await expect(tagsOf(client, 'x')).rejects.toMatchObject(missing);
    const remove = new DeleteObjectTaggingCommand(at('x'));
    await expect(client.send(remove)).rejects.toMatchObject(missing);
  });

  it('refuse to work on a version', async () => {
    const { client } = await startS3();
    await put(client, 'x', 'a=b');
    const remove = new DeleteObjectTaggingCommand({ ...at('x'), VersionId: 'v1' });
    await expect(client.send(remove)).rejects.toMatchObject({ name: 'NotImplemented' });
    expect(await tagsOf(client, 'x')).toEqual([{ Key: 'a', Value: 'b' }]);
  });
});

describe('CopyObject', () => {
  const copy = (client: S3Client, input: Partial<CopyObjectCommandInput> = {}) =>
    client.send(new CopyObjectCommand({ ...at('to'), CopySource: `${BUCKET}/from`, ...input }));

  it('copies tags, or replaces them, whatever happens to the metadata', async () => {
    const { client } = await startS3();
    await put(client, 'from', 'splicebus=intermediate');
    await copy(client, { MetadataDirective: 'REPLACE' });
    expect(await tagsOf(client, 'to')).toEqual(INTERMEDIATE);
    await copy(client, { TaggingDirective: 'REPLACE', Tagging: 'a=b' });
    expect(await tagsOf(client, 'to')).toEqual([{ Key: 'a', Value: 'b' }]);
    await copy(client, { TaggingDirective: 'REPLACE' });
    expect(await tagsOf(client, 'to')).toEqual([]);
    const unknown = copy(client, { TaggingDirective: 'MERGE' as 'COPY' });
    await expect(unknown).rejects.toMatchObject({ name: 'InvalidArgument' });
  });

  it.each(['s3:GetObjectTagging', 's3:PutObjectTagging'])(
    'needs %s for tags, and not without them',
    async (action) => {
      const refused: string[] = [];
      const { client } = await startS3({ authorize: (...asked) => allBut(...refused)(...asked) });
      await put(client, 'from', 'a=b');
      await put(client, 'plain');
      refused.push(action);
      await expect(copy(client)).rejects.toMatchObject({ name: 'AccessDenied' });
      await expect(head(client, 'to')).rejects.toMatchObject({ name: 'NotFound' });
      await copy(client, { CopySource: `${BUCKET}/plain` });
      await copy(client, { TaggingDirective: 'REPLACE' });
    },
  );
});

describe('permissions', () => {
  it('are those that IAM knows, on the ARN', async () => {
    const { client, authorized } = await startS3();
    await put(client, 'x', 'a=b');
    await setTags(client, 'x', []);
    await tagsOf(client, 'x');
    await client.send(new DeleteObjectTaggingCommand(at('x')));
    expect(authorized).toEqual(
      ['PutObject', 'PutObjectTagging', 'PutObjectTagging', 'GetObjectTagging']
        .concat('DeleteObjectTagging')
        .map((action) => `s3:${action} arn:aws:s3:::media/x`),
    );
  });

  it('to write do not suffice to tag', async () => {
    const { client, events } = await startS3({ authorize: allBut('s3:PutObjectTagging') });
    const denied = { name: 'AccessDenied', $metadata: { httpStatusCode: 403 } };
    await expect(put(client, 'x', 'a=b')).rejects.toMatchObject(denied);
    const begin = new CreateMultipartUploadCommand({ ...at('x'), Tagging: 'a=b' });
    await expect(client.send(begin)).rejects.toMatchObject(denied);
    expect(events).toEqual([]);
    await put(client, 'x');
    await expect(setTags(client, 'x', INTERMEDIATE)).rejects.toMatchObject(denied);
  });

  it('to read do not suffice to learn how many tags there are', async () => {
    const { client } = await startS3({ authorize: allBut('s3:GetObjectTagging') });
    await put(client, 'x', 'a=b');
    expect((await head(client, 'x')).TagCount).toBeUndefined();
  });
});

describe('limits', () => {
  const numbered = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ Key: `k${index}`, Value: 'v' }));
  const query = (tags: Tag[]) =>
    tags.map(({ Key, Value }) => [Key, Value].map((text) => encodeURIComponent(text!)).join('='));

  it.each([
    ['ten tags', numbered(10)],
    ['a long key and value', [{ Key: 'ü'.repeat(128), Value: '-'.repeat(256) }]],
    ['keys that differ in case', ['a', 'A'].map((Key) => ({ Key, Value: '' }))],
  ])('allow %s', async (_what, tags) => {
    const { client } = await startS3();
    await put(client, 'x', query(tags).join('&'));
    expect(await tagsOf(client, 'x')).toEqual(tags);
    await setTags(client, 'x', tags);
    expect(await tagsOf(client, 'x')).toEqual(tags);
  });

  it.each([
    ['eleven tags', numbered(11)],
    ['a key of 129', [{ Key: 'k'.repeat(129), Value: '' }]],
    ['a value of 257', [{ Key: 'k', Value: 'v'.repeat(257) }]],
    ['no key', [{ Key: '', Value: 'v' }]],
    ['a key twice', [...numbered(1), ...numbered(1)]],
    ['other characters', [{ Key: 'k', Value: 'a<b' }]],
    ['reserved keys', [{ Key: 'aws:k', Value: 'v' }]],
  ])('refuse %s', async (_what, tags) => {
    const { client, events } = await startS3();
    const invalid = { name: 'InvalidTag', $metadata: { httpStatusCode: 400 } };
    await expect(put(client, 'x', query(tags).join('&'))).rejects.toMatchObject(invalid);
    expect(events).toEqual([]);
    await put(client, 'x', 'a=b');
    await expect(setTags(client, 'x', tags)).rejects.toMatchObject(invalid);
    expect(await tagsOf(client, 'x')).toEqual([{ Key: 'a', Value: 'b' }]);
  });

  it.each(['a=%', 'a=%ff', 'a=ü'])('refuse the header %j', async (tagging) => {
    const { client } = await startS3();
    await expect(put(client, 'x', tagging)).rejects.toMatchObject({ name: 'InvalidTag' });
  });

  it.each(['', '<Tagging/>', '<Tagging><TagSet><Tag><Key>a</Key></Tag></TagSet></Tagging>'])(
    'refuse the body %j',
    async (body) => {
      const { client, endpoint } = await startS3();
      await put(client, 'x');
      const response = await fetch(`${endpoint}/${BUCKET}/x?tagging`, { method: 'PUT', body });
      expect(await response.text()).toContain('<Code>MalformedXML</Code>');
    },
  );
});
