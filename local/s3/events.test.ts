import {
  CopyObjectCommand,
  CreateBucketCommand,
  GetObjectCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type ObjectCreated, objectCreatedEvent } from './index.ts';
import { BUCKET, startS3 } from './testing.ts';

const put = (client: S3Client, Key: string, Bucket = BUCKET) =>
  client.send(new PutObjectCommand({ Bucket, Key, Body: 'hello' }));

describe('Object Created', () => {
  it('tells what was created, and how', async () => {
    const { client, events } = await startS3();
    const sent = await put(client, 'a b.txt');
    await client.send(
      new CopyObjectCommand({ Bucket: BUCKET, Key: 'c', CopySource: `${BUCKET}/a%20b.txt` }),
    );
    const Body = Buffer.alloc(6 * 1024 * 1024);
    await new Upload({ client, params: { Bucket: BUCKET, Key: 'm', Body } }).done();
    expect(events.map(({ key, reason, size }) => [key, reason, size])).toEqual([
      ['a b.txt', 'PutObject', 5],
      ['c', 'CopyObject', 5],
      ['m', 'CompleteMultipartUpload', Body.length],
    ]);
    expect(events[0]).toMatchObject({
      bucket: BUCKET,
      etag: '5d41402abc4b2a76b9719d911017c592',
      requestId: sent.$metadata.requestId,
      sourceIpAddress: '127.0.0.1',
    });
  });

  it('comes when the object can be read, and before the upload is answered', async () => {
    const seen: string[] = [];
    const s3 = await startS3({
      async onObjectCreated({ bucket: Bucket, key: Key }) {
        const got = await s3.client.send(new GetObjectCommand({ Bucket, Key }));
        seen.push(await got.Body!.transformToString());
      },
    });
    await put(s3.client, 'x');
    expect(seen).toEqual(['hello']);
  });

  it('comes with ascending sequencers for one key', async () => {
    const { client, events } = await startS3();
    for (let count = 0; count < 10; count++) await put(client, 'x');
    const sequencers = events.map(({ sequencer }) => sequencer);
    expect(new Set(sequencers).size).toBe(10);
    expect(sequencers).toEqual([...sequencers].sort());
  });

  it('comes only from buckets that are to send it', async () => {
    const { client, events, service } = await startS3();
    await client.send(new CreateBucketCommand({ Bucket: 'silent' }));
    await put(client, 'x', 'silent');
    expect(events).toEqual([]);
    await service.createBucket('silent', { eventBridge: true });
    await put(client, 'x', 'silent');
    expect(events).toHaveLength(1);
  });

  it('fails the upload when nobody takes it, and comes again with the retry', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {});
    onTestFinished(() => log.mockRestore());
    let refusals = 1;
    const { newClient, events } = await startS3({
      onObjectCreated() {
        if (refusals-- > 0) throw new Error('the bus is away');
      },
    });
    await put(newClient({ maxAttempts: 2 }), 'x');
    expect(events).toHaveLength(2);
    expect(log).toHaveBeenCalledOnce();
  });
});

it('the EventBridge event has the form that AWS documents', () => {
  const created: ObjectCreated = {
    bucket: 'amzn-s3-demo-bucket1',
    key: 'example-key',
    size: 5,
    etag: 'b1946ac92492d2347c6235b4d2611184',
    versionId: 'IYV3p45BT0ac8hjHg1houSdS1a.Mro8e',
    sequencer: '617f08299329d189',
    reason: 'PutObject',
    requestId: 'N4N7GDK58NMKJ12R',
    sourceIpAddress: '1.2.3.4',
    createdAtMs: Date.parse('2021-11-12T00:00:00.789Z'),
  };
  const id = '17793124-05d4-b198-2fde-7ededc63b103';
  const origin = { id, accountId: '123456789012', region: 'ca-central-1' };
  expect(objectCreatedEvent(created, origin)).toEqual({
    version: '0',
    id,
    'detail-type': 'Object Created',
    source: 'aws.s3',
    account: '123456789012',
    time: '2021-11-12T00:00:00Z',
    region: 'ca-central-1',
    resources: ['arn:aws:s3:::amzn-s3-demo-bucket1'],
    detail: {
      version: '0',
      'event-version': '1.0',
      bucket: { name: 'amzn-s3-demo-bucket1' },
      object: {
        key: 'example-key',
        size: 5,
        etag: 'b1946ac92492d2347c6235b4d2611184',
        'version-id': 'IYV3p45BT0ac8hjHg1houSdS1a.Mro8e',
        sequencer: '617f08299329d189',
      },
      'request-id': 'N4N7GDK58NMKJ12R',
      requester: '123456789012',
      'source-ip-address': '1.2.3.4',
      reason: 'PutObject',
    },
  });
});
