import { createHash, type Hash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GetObjectCommand, HeadObjectCommand } from '@aws-sdk/client-s3';
import { s3 } from '../aws/s3.ts';
import { type FileOrigin, readFileMetadata } from '../clip/file-metadata.ts';
import { environment } from '../environment.ts';
import { PermanentError, TransientError } from '../errors.ts';
import { objectKeys } from '../keys.ts';
import { isMissing } from './objects.ts';

interface ClipIds {
  episodeId: string;
  clipId: string;
}

/** One execution's file of a clip. */
export interface WrittenClipIds extends ClipIds {
  tenantId: string;
  executionId: string;
}

/**
 * Looks at the finished file of a clip, whichever execution wrote it.
 * @returns nothing where there is no file, or none that says whose it is
 */
export async function findWrittenClip(ids: ClipIds): Promise<FileOrigin | undefined> {
  try {
    const { Metadata = {} } = await s3.send(
      new HeadObjectCommand({ Bucket: environment.bucketName(), Key: objectKeys.clip(ids) }),
    );
    return readFileMetadata(Metadata);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/**
 * Brings the finished file of a clip here, as long as it is this execution's.
 * @returns its size in bytes
 * @throws PermanentError `CLIP_REPLACED`; TransientError `CHECKSUM_MISMATCH` where it is not what was written
 */
export async function fetchWrittenClip(
  ids: WrittenClipIds,
  file: string,
  signal: AbortSignal,
): Promise<number> {
  const key = objectKeys.clip(ids);
  const { Body, Metadata = {} } = (await get(key, signal)) ?? {};
  const body = Body as Readable | undefined;
  if (!body || !isOf(readFileMetadata(Metadata), ids)) {
    body?.destroy();
    throw replaced(ids);
  }
  const hash = createHash('sha256');
  const out = createWriteStream(file);
  await pipeline(body, (chunks) => hashed(chunks, hash), out, { signal });
  assertSame(key, hash.digest('hex'), Metadata.sha256);
  return out.bytesWritten;
}

async function* hashed(chunks: AsyncIterable<Buffer>, hash: Hash) {
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
}

/** A file that says nothing was written by a version that did not know either. */
function assertSame(key: string, read: string, written = read): void {
  if (read === written) return;
  throw new TransientError(
    'CHECKSUM_MISMATCH',
    `${key} was read with the SHA-256 ${read}, but written with ${written}: if that stays, request the clip again.`,
  );
}

/** @throws PermanentError `CLIP_REPLACED` where another execution has written the file meanwhile */
export async function assertStillThere(ids: WrittenClipIds): Promise<void> {
  if (!isOf(await findWrittenClip(ids), ids)) throw replaced(ids);
}

const isOf = (origin: FileOrigin | undefined, { tenantId, executionId }: WrittenClipIds) =>
  origin?.tenantId === tenantId && origin.execution.executionId === executionId;

const replaced = ({ clipId, executionId }: WrittenClipIds) =>
  new PermanentError(
    'CLIP_REPLACED',
    `The file of clip ${clipId} is not that of execution ${executionId} any more: see what the newer one has made.`,
  );

async function get(key: string, signal: AbortSignal) {
  try {
    return await s3.send(new GetObjectCommand({ Bucket: environment.bucketName(), Key: key }), {
      abortSignal: signal,
    });
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
