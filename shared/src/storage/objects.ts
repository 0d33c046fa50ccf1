import { createWriteStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  type GetObjectCommandInput,
  type GetObjectCommandOutput,
  HeadObjectCommand,
  NoSuchKey,
  NotFound,
  PutObjectCommand,
  paginateListObjectsV2,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { s3 } from '../aws/s3.ts';
import { environment } from '../environment.ts';
import { hashFile } from './hashed-file.ts';
import { type UploadOptions, uploadFile } from './upload-file.ts';

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
  const { Body } = await get(key, signal, { Range: range });
  const out = createWriteStream(file, { flags: 'a' });
  await pipeline(Body as Readable, out, { signal });
  return out.bytesWritten;
}

/** The bytes of an object as they come. Read the body to its end, or destroy it. */
export interface OpenedObject {
  body: Readable;
  /** Bytes in the body; a body that breaks off sooner fails. */
  sizeBytes: number;
  /** Bytes of the whole object, of which the body may be a part. */
  objectBytes: number;
  /** Names this content: another content has another one. */
  etag?: string;
}

/**
 * @param range an HTTP range such as `bytes=0-1023`; absent: all of it
 * @param etag of the content that is wanted; another one is an error with the status 412
 */
export async function openObject(
  key: string,
  signal: AbortSignal,
  range?: string,
  etag?: string,
): Promise<OpenedObject> {
  const got = await get(key, signal, { Range: range, IfMatch: etag });
  const { Body, ContentLength: sizeBytes = 0, ContentRange, ETag } = got;
  const total = Number(ContentRange?.split('/')[1] ?? sizeBytes);
  return { body: Body as Readable, sizeBytes, objectBytes: total, etag: ETag };
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
  return (await textOf(key, maxBytes, await get(key, signal))).text;
}

/** A text object as it was read. */
export interface ReadText {
  text: string;
  sizeBytes: number;
  /** Names this content: another content has another one. */
  etag?: string;
}

/**
 * Reads a small text object unless it still is what it was.
 * @param etag of what the caller has
 * @returns undefined where the object has not changed
 * @throws RangeError as {@link readText}
 */
export async function readTextIfChanged(
  key: string,
  maxBytes: number,
  signal: AbortSignal,
  etag: string | undefined,
): Promise<ReadText | undefined> {
  try {
    return await textOf(key, maxBytes, await get(key, signal, { IfNoneMatch: etag }));
  } catch (error) {
    // The SDK throws on 304, by a name that differs from version to version.
    const status = error instanceof S3ServiceException && error.$metadata.httpStatusCode;
    if (status === 304) return undefined;
    throw error;
  }
}

/** @returns how large an object is, in bytes; undefined where there is none */
export async function sizeOf(key: string, signal: AbortSignal): Promise<number | undefined> {
  return (await lookAt(key, signal))?.sizeBytes;
}

/** What an object's head tells. */
export interface ObjectHead {
  sizeBytes: number;
  lastModified: Date;
}

/** @returns undefined where there is no such object */
export async function lookAt(key: string, signal: AbortSignal): Promise<ObjectHead | undefined> {
  try {
    const head = new HeadObjectCommand({ Bucket: environment.bucketName(), Key: key });
    const { ContentLength, LastModified } = await s3.send(head, { abortSignal: signal });
    return { sizeBytes: ContentLength!, lastModified: LastModified! };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Uploads an intermediate. The tag lets the bucket's lifecycle remove what a crash left behind. */
export async function putIntermediate(
  key: string,
  file: string,
  contentType: string,
  signal: AbortSignal,
): Promise<void> {
  const options = { ContentType: contentType, Tagging: 'splicebus=intermediate' };
  await uploadFile(key, await hashFile(file, signal), options, signal);
}

/**
 * Uploads a file unless there is an object of this key: what is there stays.
 * @returns whether it was uploaded
 */
export async function putIfAbsent(
  key: string,
  body: { file: string } | { text: string },
  contentType: string,
  signal: AbortSignal,
): Promise<boolean> {
  const options = { ContentType: contentType, IfNoneMatch: '*' };
  try {
    if ('file' in body) await uploadFile(key, await hashFile(body.file, signal), options, signal);
    else await putText(key, body.text, options, signal);
    return true;
  } catch (error) {
    if (isConditionFailure(error)) return false;
    throw error;
  }
}

const PRECONDITION_FAILED = 412;

/**
 * 412: the condition does not hold. 409: another conditional write of the key was under way. By their names, too:
 * an upload that takes long to complete is answered 200 before it fails, which the SDK makes a 503.
 */
export function isConditionFailure(error: unknown): boolean {
  if (!(error instanceof S3ServiceException)) return false;
  return (
    error.$metadata.httpStatusCode === PRECONDITION_FAILED ||
    error.name === 'PreconditionFailed' ||
    error.name === 'ConditionalRequestConflict'
  );
}

/** @returns the keys of all objects below a prefix */
export async function listKeys(prefix: string): Promise<string[]> {
  const pages = paginateListObjectsV2(
    { client: s3 },
    { Bucket: environment.bucketName(), Prefix: prefix },
  );
  const keys: string[] = [];
  for await (const { Contents = [] } of pages) keys.push(...Contents.map(({ Key }) => Key!));
  return keys;
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

const putText = (key: string, Body: string, options: UploadOptions, abortSignal: AbortSignal) =>
  s3.send(new PutObjectCommand({ Bucket: environment.bucketName(), Key: key, Body, ...options }), {
    abortSignal,
  });

async function textOf(
  key: string,
  maxBytes: number,
  { Body, ContentLength: sizeBytes = 0, ETag: etag }: GetObjectCommandOutput,
): Promise<ReadText> {
  if (sizeBytes > maxBytes) {
    (Body as Readable).destroy();
    throw new RangeError(`${key} has ${sizeBytes} bytes, more than the ${maxBytes} allowed`);
  }
  return { text: await Body!.transformToString('utf8'), sizeBytes, etag };
}

function get(
  key: string,
  signal: AbortSignal,
  what: Pick<GetObjectCommandInput, 'Range' | 'IfMatch' | 'IfNoneMatch'> = {},
): Promise<GetObjectCommandOutput> {
  return s3.send(new GetObjectCommand({ Bucket: environment.bucketName(), Key: key, ...what }), {
    abortSignal: signal,
  });
}
