import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { s3 } from '../aws/s3.ts';
import { type FileOrigin, fileMetadata } from '../clip/file-metadata.ts';
import type { UntimedClipReceipt } from '../clip/make-receipt.ts';
import { environment } from '../environment.ts';
import { TransientError } from '../errors.ts';
import { isNewer } from '../executions.ts';
import { isConditionFailure, isMissing } from './objects.ts';
import { uploadFile } from './upload-file.ts';

const MAX_RACES = 10;

/** A clip on local disk that is ready to be handed out. */
export interface FinishedClip {
  /** Where in the bucket it goes. */
  key: string;
  file: string;
  /** Goes into the object's metadata, for those who hear of the file from S3. */
  origin: FileOrigin;
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
  const { key, origin } = clip;
  for (let attempt = 0; attempt < MAX_RACES; attempt++) {
    const present = await head(key, signal);
    if (present && isNewer(present.execution, origin.execution)) return false;
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

const upload = (
  { key, file, origin, receipt }: FinishedClip,
  replacedEtag: string | undefined,
  signal: AbortSignal,
): Promise<void> =>
  uploadFile(
    key,
    file,
    {
      ContentType: 'video/mp4',
      Metadata: fileMetadata(origin, receipt),
      ...(replacedEtag ? { IfMatch: replacedEtag } : { IfNoneMatch: '*' }),
    },
    signal,
  );
