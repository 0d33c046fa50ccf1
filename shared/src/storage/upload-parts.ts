import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type PutObjectCommandInput,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { s3 } from '../aws/s3.ts';
import { logger } from '../observability/telemetry.ts';
import type { HashedFile } from './hashed-file.ts';
import { type Content, sendPart } from './send-part.ts';

/** As many parts on their way at once as fill a function's share of the network. */
const CONCURRENCY = 4;

/** Which upload, as all of its requests name it. */
interface Upload {
  Bucket: string | undefined;
  Key: string | undefined;
  UploadId: string | undefined;
}

/**
 * Uploads a file part by part. The object appears with the last request, which is the one that has a condition.
 * @throws the SDK's error of the last attempt; then what was there of it is removed
 */
export async function uploadParts(
  file: HashedFile,
  { IfMatch, IfNoneMatch, ...object }: PutObjectCommandInput,
  signal: AbortSignal,
): Promise<void> {
  const { UploadId } = await s3.send(
    new CreateMultipartUploadCommand({ ...object, ChecksumAlgorithm: 'SHA256' }),
    { abortSignal: signal },
  );
  const upload = { Bucket: object.Bucket, Key: object.Key, UploadId };
  try {
    const MultipartUpload = { Parts: await sendParts(file, upload, signal) };
    await s3.send(
      new CompleteMultipartUploadCommand({ ...upload, MultipartUpload, IfMatch, IfNoneMatch }),
      { abortSignal: signal },
    );
  } catch (error) {
    await removeParts(upload);
    throw error;
  }
}

/** @returns what the last request lists, once no part is on its way any more */
async function sendParts(
  file: HashedFile,
  upload: Upload,
  signal: AbortSignal,
): Promise<CompletedPart[]> {
  const failure = new AbortController();
  const abortSignal = AbortSignal.any([signal, failure.signal]);
  const waiting = file.parts.entries();
  const sent: CompletedPart[] = [];
  const work = async () => {
    for (const [n, part] of waiting) {
      const PartNumber = n + 1;
      const send = (content: Content) =>
        s3.send(new UploadPartCommand({ ...upload, PartNumber, ...content }), { abortSignal });
      const { ETag } = await sendPart(file, part, send, abortSignal);
      sent[n] = { PartNumber, ETag, ChecksumSHA256: part.sha256 };
    }
  };
  // With the first that fails, the others stop. They are waited for: a part that arrives after its upload was
  // removed would stay.
  const workers = Array.from({ length: CONCURRENCY }, () =>
    work().catch((error) => failure.abort(error)),
  );
  await Promise.all(workers);
  failure.signal.throwIfAborted();
  return sent;
}

/** Also when the function is out of time: that is what its last seconds are for. */
async function removeParts(upload: Upload): Promise<void> {
  try {
    await s3.send(new AbortMultipartUploadCommand(upload));
  } catch (error) {
    logger.warn('Parts of an upload stay until the lifecycle of the bucket removes them', {
      ...upload,
      error,
    });
  }
}
