import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { s3 } from '../aws/s3.ts';
import { type FileOrigin, fileMetadata } from '../clip/file-metadata.ts';
import type { UntimedClipReceipt } from '../clip/make-receipt.ts';
import { environment } from '../environment.ts';
import { TransientError } from '../errors.ts';
import { truncate } from '../events/truncate.ts';
import { isNewer } from '../executions.ts';
import { objectKeys } from '../keys.ts';
import type { HashedFile } from './hashed-file.ts';
import { keptClips } from './kept-clips.ts';
import { isConditionFailure, isMissing } from './objects.ts';
import { uploadFile } from './upload-file.ts';

const MAX_RACES = 10;

/** Of what AWS says, which may be a whole page. */
const MAX_REASON_BYTES = 300;

/** A clip on local disk that is ready to be handed out. */
export interface FinishedClip {
  episodeId: string;
  clipId: string;
  file: HashedFile;
  /** Goes into the object's metadata, for those who hear of the file from S3. */
  origin: FileOrigin;
  /** Goes into the object's metadata, so that the file explains itself wherever it is copied. */
  receipt: UntimedClipReceipt;
}

/**
 * Writes `clip.mp4`, unless a newer execution has written it already. A clip that cannot be written although
 * all that may help was tried is kept elsewhere: to make it took longer than anything else.
 *
 * @returns whether the file was written; `false` means that a newer one was there
 * @throws TransientError `UPLOAD_FAILED`, saying where the clip is kept; `CONFLICT` when others kept writing in
 *   between
 */
export async function writeFinishedClip(clip: FinishedClip, signal: AbortSignal): Promise<boolean> {
  try {
    return await writeUnlessNewer(clip, signal);
  } catch (error) {
    if (signal.aborted || error instanceof TransientError) throw error;
    throw new TransientError('UPLOAD_FAILED', await keepInstead(clip, error, signal), {
      cause: error,
    });
  }
}

/**
 * The write is conditional on what the look before it saw, so that of two executions that finish at once the
 * newer one's file stays:
 *
 *     older: HEAD (nothing) ─────────────────────── PUT If-None-Match:* → 412 → HEAD (newer) → leave
 *     newer:       HEAD (nothing) ── PUT If-None-Match:* → 200
 */
async function writeUnlessNewer(clip: FinishedClip, signal: AbortSignal): Promise<boolean> {
  const key = objectKeys.clip(clip);
  for (let attempt = 0; attempt < MAX_RACES; attempt++) {
    const present = await head(key, signal);
    if (present && isNewer(present.execution, clip.origin.execution)) return false;
    const condition = present?.etag ? { IfMatch: present.etag } : { IfNoneMatch: '*' };
    try {
      await uploadFile(key, clip.file, { ...described(clip), ...condition }, signal);
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

const described = ({ origin, receipt, file }: FinishedClip) => ({
  ContentType: 'video/mp4',
  Metadata: fileMetadata(origin, receipt, file.sha256),
});

/** @returns what has become of the clip, and what to do */
async function keepInstead(
  clip: FinishedClip,
  cause: unknown,
  signal: AbortSignal,
): Promise<string> {
  const { episodeId, clipId, origin, file } = clip;
  const ids = { episodeId, clipId, executionId: origin.execution.executionId };
  const kept = keptClips();
  const place = kept.placeOf(ids);
  const failed = `The finished clip could not be written to ${objectKeys.clip(clip)} (${inShort(cause)})`;
  try {
    await kept.keep(ids, file, described(clip), signal);
    return `${failed}. It is kept at ${place}: take it from there, or request the clip again.`;
  } catch (error) {
    return `${failed}, nor be kept at ${place} (${inShort(error)}): request the clip again.`;
  }
}

const inShort = (error: unknown): string =>
  truncate(
    error instanceof Error ? `${error.name}: ${error.message}` : String(error),
    MAX_REASON_BYTES,
  );
