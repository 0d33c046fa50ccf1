import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import {
  ChecksumAlgorithm,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { CHECKSUM_ALGORITHMS, checksumHeader, startChecksum } from './checksums.ts';
import { BUCKET, startS3, type TestS3 } from './testing.ts';

const BODY = Buffer.from('The quick brown fox');
const at = { Bucket: BUCKET, Key: 'x.txt' };

/** Sends what no SDK would; resolves to the status and the code of the error. */
async function put(
  { endpoint }: TestS3,
  headers: Record<string, string>,
  body: Buffer | string,
): Promise<{ status: number | undefined; code: string | undefined }> {
  return new Promise((resolve, reject) => {
    const options = {
      method: 'PUT',
      headers: { 'content-length': Buffer.byteLength(body), ...headers },
    };
    const request = httpRequest(`${endpoint}/${BUCKET}/x.txt`, options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => {
        text += part;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode, code: /<Code>(\w+)</.exec(text)?.[1] }),
      );
    });
    request.on('error', reject).end(body);
  });
}

async function expectNothingStored({ client, rootDir }: TestS3): Promise<void> {
  await expect(client.send(new HeadObjectCommand(at))).rejects.toThrow();
  expect(await readdir(join(rootDir, '.meta/tmp'))).toEqual([]);
}

function digestOf(algorithm: (typeof CHECKSUM_ALGORITHMS)[number]): string {
  const hash = startChecksum(algorithm);
  hash.update(BODY);
  return hash.digest().toString('base64');
}

describe('checksums of an upload', () => {
  it.each(Object.values(ChecksumAlgorithm).filter((name) => /^(CRC|SHA1|SHA256)/.test(name)))(
    '%s as the SDK computes it is kept and told',
    async (algorithm) => {
      const { client } = await startS3();
      const sent = await client.send(
        new PutObjectCommand({ ...at, Body: BODY, ChecksumAlgorithm: algorithm }),
      );
      const head = await client.send(new HeadObjectCommand({ ...at, ChecksumMode: 'ENABLED' }));
      const field = `Checksum${algorithm}` as 'ChecksumCRC32';
      expect(sent[field]).toBe(head[field]);
      expect(head[field]).toBe(digestOf(algorithm.toLowerCase() as 'crc32'));
      expect(head.ChecksumType).toBe('FULL_OBJECT');
    },
  );

  it.each(CHECKSUM_ALGORITHMS)(
    'a wrong %s is refused, in the header and in the trailer',
    async (algorithm) => {
      const s3 = await startS3();
      const header = checksumHeader(algorithm);
      const wrong = Buffer.alloc(digestOf(algorithm).length - 2, 'A')
        .toString('latin1')
        .concat('==');
      const refused = { status: 400, code: 'BadDigest' };
      expect(await put(s3, { [header]: wrong }, BODY)).toEqual(refused);
      const chunked = `13\r\n${BODY}\r\n0\r\n${header}:${wrong}\r\n\r\n`;
      const streaming = { 'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER' };
      expect(await put(s3, { ...streaming, 'x-amz-trailer': header }, chunked)).toEqual(refused);
      await expectNothingStored(s3);
      const right = chunked.replace(wrong, digestOf(algorithm));
      expect(await put(s3, { ...streaming, 'x-amz-trailer': header }, right)).toMatchObject({
        status: 200,
      });
      const got = await s3.client.send(new GetObjectCommand(at));
      expect(await got.Body!.transformToString()).toBe(BODY.toString());
    },
  );

  it.each([
    ['Content-MD5', { 'content-md5': createHash('md5').digest('base64') }, 'BadDigest'],
    ['malformed Content-MD5', { 'content-md5': 'rubbish' }, 'InvalidDigest'],
    [
      'payload hash',
      { 'x-amz-content-sha256': createHash('sha256').digest('hex') },
      'XAmzContentSHA256Mismatch',
    ],
  ])('a wrong %s is refused', async (_name, headers, code) => {
    const s3 = await startS3();
    expect(await put(s3, headers as Record<string, string>, BODY)).toEqual({ status: 400, code });
    await expectNothingStored(s3);
  });

  it('a right Content-MD5 is fine', async () => {
    const s3 = await startS3();
    const md5 = createHash('md5').update(BODY).digest('base64');
    expect(await put(s3, { 'content-md5': md5 }, BODY)).toMatchObject({ status: 200 });
  });
});

describe('aws-chunked uploads', () => {
  const signature = `;chunk-signature=${'a'.repeat(64)}`;
  const signed = `13${signature}\r\n${BODY}\r\n0${signature}\r\n\r\n`;
  const headers = {
    'content-encoding': 'aws-chunked',
    'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
    'x-amz-decoded-content-length': '19',
  };

  it('are stored decoded, without a trace of the encoding', async () => {
    const s3 = await startS3();
    expect(await put(s3, headers, signed)).toMatchObject({ status: 200 });
    const got = await s3.client.send(new GetObjectCommand(at));
    expect(await got.Body!.transformToString()).toBe(BODY.toString());
    expect(got.ContentEncoding).toBeUndefined();
  });

  it.each([
    ['shorter than announced', { 'x-amz-decoded-content-length': '20' }, signed, 'IncompleteBody'],
    ['cut short', {}, signed.slice(0, 120), 'IncompleteBody'],
    [
      'without the announced trailer',
      { 'x-amz-trailer': 'x-amz-checksum-crc32' },
      signed,
      'MalformedTrailerError',
    ],
  ])('are refused when %s', async (_case, extra, body, code) => {
    const s3 = await startS3();
    const all = { ...headers, ...extra } as Record<string, string>;
    expect(await put(s3, all, body)).toEqual({ status: 400, code });
    await expectNothingStored(s3);
  });

  it('may fail in their midst, and the client still reads why', async () => {
    const s3 = await startS3();
    const body = Buffer.concat([Buffer.from('not chunked\r\n'), Buffer.alloc(4 * 1024 * 1024)]);
    expect(await put(s3, headers, body)).toEqual({ status: 400, code: 'IncompleteBody' });
  });
});
