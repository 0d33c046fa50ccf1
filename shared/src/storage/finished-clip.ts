import { createReadStream } from 'node:fs';
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { s3 } from '../aws/s3.ts';
import type { UntimedClipReceipt } from '../clip/make-receipt.ts';
import { receiptMetadata } from '../clip/receipt-metadata.ts';
import { environment } from '../environment.ts';
import { TransientError } from '../errors.ts';
import { type ExecutionOrder, isNewer } from '../executions.ts';
import { isConditionFailure, isMissing } from './objects.ts';

const MAX_RACES = 10;

/** A clip on local disk that is ready to be handed out. */
export interface FinishedClip {
  /** Where in the bucket it goes. */
  key: string;
  file: string;
  execution: ExecutionOrder;
  /** Goes into the object's metadata, so that the file explains itself wherever it is copied. */
  receipt: UntimedClipReceipt;
}

/**
 * Writes `clip.mp4`, unless a newer execution has written it already. The write is conditional on what
 * the look before it saw, so that of two executions that finish at once the newer one's file stays:
 *
 *     older: HEAD (nothing) ─────────────────────── PUT If-None-Match:* → 412 → HEAD (newer) → leave
 *     newer:       HEAD (nothing) ── PUT If-None-Match:* → 200
 *
 * @returns whether the file was written; `false` means that a newer one was there
 * @throws TransientError `CONFLICT` when others kept writing in between
 */
export async function writeFinishedClip(clip: FinishedClip, signal: AbortSignal): Promise<boolean> {
  const { key, execution } = clip;
  for (let attempt = 0; attempt < MAX_RACES; attempt++) {
    const present = await head(key, signal);
    if (present && isNewer(present.execution, execution)) return false;
    try {
      await upload(clip, present?.etag, signal);
      return true;
    } catch (error) {
      if (!isConditionFailure(error)) throw error;
    }
  }
  throw new TransientError('CONFLICT', `Other executions kept writing ${key} at the same time.`);
}

async function head(key: string, signal: AbortSignal) {
  try {
    const { ETag, Metadata = {} } = await s3.send(
      new HeadObjectCommand({ Bucket: environment.bucketName(), Key: key }),
      { abortSignal: signal },
    );
    return {
      etag: ETag,
      execution: {
        executionId: Metadata['execution-id'] ?? '',
        executionStartedAt: Metadata['execution-started-at'] ?? '',
      },
    };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function upload(
  { key, file, execution, receipt }: FinishedClip,
  replacedEtag: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const work = new Upload({
    client: s3,
    params: {
      Bucket: environment.bucketName(),
      Key: key,
      Body: createReadStream(file),
      ContentType: 'video/mp4',
      Metadata: {
        'execution-id': execution.executionId,
        'execution-started-at': execution.executionStartedAt,
        receipt: receiptMetadata(receipt),
      },
      ...(replacedEtag ? { IfMatch: replacedEtag } : { IfNoneMatch: '*' }),
    },
  });
  const abort = () => void work.abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    await work.done();
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
