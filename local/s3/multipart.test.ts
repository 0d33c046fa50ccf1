import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  AbortMultipartUploadCommand,
  ChecksumAlgorithm,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { describe, expect, it } from 'vitest';
import { AwsError } from '../gateway/service.ts';
import { startChecksum } from './checksums.ts';
import { BUCKET, startS3 } from './testing.ts';

const PART = 5 * 1024 * 1024;
const at = { Bucket: BUCKET, Key: 'ep/clip.mp4' };

async function begin(client: S3Client, input: Partial<CreateMultipartUploadCommandInput> = {}) {
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ ...at, ...input }));
  const sendPart = async (PartNumber: number, Body: Buffer): Promise<CompletedPart> => {
    const part = await client.send(new UploadPartCommand({ ...at, UploadId, PartNumber, Body }));
    return { ...part, PartNumber };
  };
  const complete = (Parts: CompletedPart[], extra: object = {}) =>
    client.send(
      new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload: { Parts }, ...extra }),
    );
  return { UploadId, sendPart, complete };
}

describe('multipart upload', () => {
  it.each(Object.values(ChecksumAlgorithm).filter((name) => /^(CRC|SHA1|SHA256)/.test(name)))(
    'through lib-storage, from a stream, with %s',
    async (algorithm) => {
      const { client } = await startS3();
      const body = randomBytes(PART * 2 + 12_345);
      const chunks = Array.from({ length: Math.ceil(body.length / 100_000) }, (_, index) =>
        body.subarray(index * 100_000, (index + 1) * 100_000),
      );
      await new Upload({
        client,
        params: {
          ...at,
          Body: Readable.from(chunks),
          ContentType: 'video/mp4',
          ChecksumAlgorithm: algorithm,
          Metadata: { clip: '1' },
        },
      }).done();
      const got = await client.send(new GetObjectCommand({ ...at, ChecksumMode: 'ENABLED' }));
      expect(body.equals(await got.Body!.transformToByteArray())).toBe(true);
      expect(got).toMatchObject({ ContentType: 'video/mp4', Metadata: { clip: '1' } });
      expect(got.ETag).toMatch(/^"[0-9a-f]{32}-3"$/);
      expect(got.ChecksumType).toBe(algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE');
    },
  );

  it('computes the ETag and the full checksum as S3 does', async () => {
    const { client } = await startS3();
    const parts = [randomBytes(PART), randomBytes(10)];
    const checksum = startChecksum('crc32');
    for (const part of parts) checksum.update(part);
    const ChecksumCRC32 = checksum.digest().toString('base64');
    const md5s = parts.map((part) => createHash('md5').update(part).digest());
    const etag = createHash('md5').update(Buffer.concat(md5s)).digest('hex');

    const upload = await begin(client, { ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' });
    const sent = [await upload.sendPart(1, parts[0]!), await upload.sendPart(7, parts[1]!)];
    await expect(upload.complete(sent, { ChecksumCRC32: 'AAAAAA==' })).rejects.toMatchObject({
      name: 'BadDigest',
    });
    const done = await upload.complete(sent, { ChecksumCRC32, MpuObjectSize: PART + 10 });
    expect(done).toMatchObject({ ETag: `"${etag}-2"`, ChecksumCRC32, ChecksumType: 'FULL_OBJECT' });
  });

  it('takes the last of parts sent twice, and leaves out what is not listed', async () => {
    const { client } = await startS3();
    const { sendPart, complete } = await begin(client);
    await sendPart(1, Buffer.from('first'));
    const again = await sendPart(1, Buffer.from('again'));
    await sendPart(2, Buffer.from('unlisted'));
    await complete([again]);
    const got = await client.send(new GetObjectCommand(at));
    expect(await got.Body!.transformToString()).toBe('again');
  });

  it('refuses parts that are wrong, and can still be completed', async () => {
    const { client } = await startS3();
    const { sendPart, complete } = await begin(client);
    const small = await sendPart(1, Buffer.from('small'));
    const last = await sendPart(2, Buffer.from('last'));
    const fails = (parts: CompletedPart[], name: string) =>
      expect(complete(parts)).rejects.toMatchObject({ name, $metadata: { httpStatusCode: 400 } });
    await fails([small, last], 'EntityTooSmall');
    await fails([last, small], 'InvalidPartOrder');
    await fails([{ ...small, ETag: last.ETag }], 'InvalidPart');
    await fails([{ ...small, PartNumber: 9 }], 'InvalidPart');
    await fails([{ ...small, ChecksumCRC32: 'AAAAAA==' }], 'InvalidPart');
    await complete([small]);
  });

  it('lists its parts, page by page, and the uploads under way', async () => {
    const { client } = await startS3();
    const { UploadId, sendPart } = await begin(client);
    for (const number of [3, 1, 2]) await sendPart(number, Buffer.from(`part ${number}`));
    const first = await client.send(new ListPartsCommand({ ...at, UploadId, MaxParts: 2 }));
    expect(first).toMatchObject({ IsTruncated: true, NextPartNumberMarker: '2' });
    expect(first.Parts?.map(({ PartNumber, Size }) => [PartNumber, Size])).toEqual([
      [1, 6],
      [2, 6],
    ]);
    const PartNumberMarker = first.NextPartNumberMarker;
    const rest = await client.send(new ListPartsCommand({ ...at, UploadId, PartNumberMarker }));
    expect(rest.Parts?.map(({ PartNumber }) => PartNumber)).toEqual([3]);

    const other = await client.send(new CreateMultipartUploadCommand({ ...at, Key: 'a' }));
    const Bucket = BUCKET;
    const all = await client.send(new ListMultipartUploadsCommand({ Bucket, MaxUploads: 1 }));
    expect(all).toMatchObject({ IsTruncated: true, Uploads: [{ UploadId: other.UploadId }] });
    const next = await client.send(
      new ListMultipartUploadsCommand({
        Bucket,
        KeyMarker: all.NextKeyMarker,
        UploadIdMarker: all.NextUploadIdMarker,
      }),
    );
    expect(next.Uploads?.map((upload) => upload.UploadId)).toEqual([UploadId]);
  });

  it('leaves nothing when it is aborted', async () => {
    const { client, rootDir } = await startS3();
    const { UploadId, sendPart, complete } = await begin(client);
    const part = await sendPart(1, Buffer.from('x'));
    await client.send(new AbortMultipartUploadCommand({ ...at, UploadId }));
    const gone = { name: 'NoSuchUpload', $metadata: { httpStatusCode: 404 } };
    await expect(sendPart(2, Buffer.from('late'))).rejects.toMatchObject(gone);
    await expect(complete([part])).rejects.toMatchObject(gone);
    await expect(client.send(new ListPartsCommand({ ...at, UploadId }))).rejects.toMatchObject(
      gone,
    );
    await expect(client.send(new HeadObjectCommand(at))).rejects.toThrow();
    expect(existsSync(join(rootDir, '.meta/uploads', BUCKET))).toBe(false);
  });

  describe('that takes longer to complete than a client waits for an answer', () => {
    const startSlow = async (ending: () => void) => {
      const s3 = await startS3({
        patienceMs: 20,
        onObjectCreated: async () => {
          await sleep(SILENCE_MS * 3);
          ending();
        },
      });
      return s3.newClient({ requestHandler: { socketTimeout: SILENCE_MS } });
    };
    const SILENCE_MS = 400;

    it('keeps the connection busy', async () => {
      const client = await startSlow(() => {});
      const { sendPart, complete } = await begin(client);
      const done = await complete([await sendPart(1, Buffer.from('x'))]);
      expect(done).toMatchObject({ Key: at.Key, ETag: expect.stringMatching(/-1"$/) });
    });

    it('can still fail', async () => {
      const client = await startSlow(() => {
        throw new AwsError('SlowDown', 'Please reduce your request rate.', 503);
      });
      const { sendPart, complete } = await begin(client);
      const done = complete([await sendPart(1, Buffer.from('x'))]);
      await expect(done).rejects.toMatchObject({ name: 'SlowDown' });
    });
  });

  it.each(['', 'x', '../../../media', '0'.repeat(32)])(
    'does not know upload %j',
    async (UploadId) => {
      const { client } = await startS3();
      const abort = new AbortMultipartUploadCommand({ ...at, UploadId });
      await expect(client.send(abort)).rejects.toThrow();
    },
  );
});
