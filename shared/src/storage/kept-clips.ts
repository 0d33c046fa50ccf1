import { copyFile, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DeleteObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { s3 } from '../aws/s3.ts';
import { environment } from '../environment.ts';
import type { ExecutionOrder } from '../executions.ts';
import { KEPT_CLIPS_PREFIX, objectKeys } from '../keys.ts';
import type { HashedFile } from './hashed-file.ts';
import { type UploadOptions, uploadFile } from './upload-file.ts';

interface ClipIds {
  episodeId: string;
  clipId: string;
}

/** Of one execution: what is kept of it once more takes the place of what was. */
interface KeptIds extends ClipIds {
  executionId: string;
}

/** Where finished clips are kept that could not be uploaded. */
export interface KeptClips {
  /** For people: a path, or a URI of S3. */
  placeOf(ids: KeptIds): string;
  keep(
    ids: KeptIds,
    file: HashedFile,
    options: Pick<UploadOptions, 'ContentType' | 'Metadata'>,
    signal: AbortSignal,
  ): Promise<void>;
  list(ids: ClipIds): Promise<{ executionId: string; keptAt: Date }[]>;
  remove(ids: KeptIds): Promise<void>;
}

/** A folder of this machine where there is one to be had, else a bucket. */
export function keptClips(): KeptClips {
  const folder = environment.failedUploadsFolder();
  return folder ? inFolder(folder) : inBucket(environment.failedUploadsBucket());
}

/**
 * Removes what was kept of a clip whose file has been written after all: by this execution, or before it began.
 * What a newer one has kept stays.
 */
export async function removeKept(ids: ClipIds, writer: ExecutionOrder): Promise<void> {
  const kept = keptClips();
  const beganAt = new Date(writer.executionStartedAt);
  for (const { executionId, keptAt } of await kept.list(ids)) {
    const isObsolete = executionId === writer.executionId || keptAt < beganAt;
    if (isObsolete) await kept.remove({ ...ids, executionId });
  }
}

function inFolder(root: string): KeptClips {
  const clipFolder = ({ episodeId, clipId }: ClipIds) => join(root, episodeId, clipId);
  const placeOf = (ids: KeptIds) => join(clipFolder(ids), ids.executionId, 'clip.mp4');
  return {
    placeOf,
    async keep(ids, { path }) {
      const place = placeOf(ids);
      await mkdir(dirname(place), { recursive: true });
      // Under its own name only once it is whole.
      const unfinished = `${place}.part`;
      await copyFile(path, unfinished);
      await rename(unfinished, place);
    },
    async list(ids) {
      // Of most clips, nothing was ever kept.
      const executionIds = await readdir(clipFolder(ids)).catch(() => []);
      return Promise.all(
        executionIds.map(async (executionId) => {
          const { mtime } = await stat(join(clipFolder(ids), executionId));
          return { executionId, keptAt: mtime };
        }),
      );
    },
    remove: (ids) => rm(dirname(placeOf(ids)), { recursive: true, force: true }),
  };
}

function inBucket(Bucket: string): KeptClips {
  return {
    placeOf: (ids) => `s3://${Bucket}/${objectKeys.keptClip(ids)}`,
    keep: (ids, file, options, signal) =>
      uploadFile(
        objectKeys.keptClip(ids),
        file,
        // The tag is what the bucket's lifecycle goes by.
        { ...options, Bucket, Tagging: 'splicebus=failed-upload' },
        signal,
      ),
    async list({ episodeId, clipId }) {
      const Prefix = `${KEPT_CLIPS_PREFIX}${episodeId}/${clipId}/`;
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix }));
      return Contents.map(({ Key, LastModified }) => ({
        executionId: Key!.slice(Prefix.length).split('/')[0]!,
        keptAt: LastModified!,
      }));
    },
    async remove(ids) {
      await s3.send(new DeleteObjectCommand({ Bucket, Key: objectKeys.keptClip(ids) }));
    },
  };
}
