import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  NoSuchKey,
  NotFound,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { s3 } from '../aws/s3.ts';
import { environment } from '../environment.ts';

/** Whether an S3 call failed because there is no such object. */
export const isMissing = (error: unknown): boolean =>
  error instanceof NoSuchKey || error instanceof NotFound;

/**
 * Appends an object to a local file, streaming.
 * @param range an HTTP range such as `bytes=0-1023`; absent: all of it
 * @returns the number of bytes read
 */
export async function appendObject(
  key: string,
  file: string,
  signal: AbortSignal,
  range?: string,
): Promise<number> {
  const { Body } = await get(key, signal, range);
  const out = createWriteStream(file, { flags: 'a' });
  await pipeline(Body as Readable, out, { signal });
  return out.bytesWritten;
}

/**
 * Reads a small text object.
 * @throws RangeError when it is larger than `maxBytes`: such a text would only fill the memory
 */
export async function readText(
  key: string,
  maxBytes: number,
  signal: AbortSignal,
): Promise<string> {
  const { Body, ContentLength = 0 } = await get(key, signal);
  if (ContentLength > maxBytes) {
    (Body as Readable).destroy();
    throw new RangeError(`${key} has ${ContentLength} bytes, more than the ${maxBytes} allowed`);
  }
  return Body!.transformToString('utf8');
}

/** Uploads an intermediate. The tag lets the bucket's lifecycle remove what a crash left behind. */
export async function putIntermediate(
  key: string,
  file: string,
  contentType: string,
  signal: AbortSignal,
): Promise<void> {
  await s3.send(
    new PutObjectCommand({
      Bucket: environment.bucketName(),
      Key: key,
      Body: createReadStream(file),
      ContentLength: (await stat(file)).size,
      ContentType: contentType,
      Tagging: 'splicebus=intermediate',
    }),
    { abortSignal: signal },
  );
}

/** Removes objects; those that are not there count as removed. */
export async function deleteObjects(keys: readonly string[]): Promise<void> {
  for (let from = 0; from < keys.length; from += 1000) {
    await s3.send(
      new DeleteObjectsCommand({
        Bucket: environment.bucketName(),
        Delete: { Objects: keys.slice(from, from + 1000).map((Key) => ({ Key })), Quiet: true },
      }),
    );
  }
}

function get(key: string, signal: AbortSignal, range?: string) {
  return s3.send(
    new GetObjectCommand({ Bucket: environment.bucketName(), Key: key, Range: range }),
    { abortSignal: signal },
  );
}
