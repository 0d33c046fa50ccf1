import { createReadStream } from 'node:fs';
import type { PutObjectCommandInput } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { s3 } from '../aws/s3.ts';
import { environment } from '../environment.ts';

/** How an object is put, apart from where to and what of. */
export type UploadOptions = Pick<
  PutObjectCommandInput,
  'ContentType' | 'Metadata' | 'IfMatch' | 'IfNoneMatch'
>;

/** Uploads a file of any size: in parts, where it is large. */
export async function uploadFile(
  key: string,
  file: string,
  options: UploadOptions,
  signal: AbortSignal,
): Promise<void> {
  const work = new Upload({
    client: s3,
    params: {
      Bucket: environment.bucketName(),
      Key: key,
      Body: createReadStream(file),
      ...options,
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
