import { PutObjectCommand, type PutObjectCommandInput } from '@aws-sdk/client-s3';
import { s3 } from '../aws/s3.ts';
import { environment } from '../environment.ts';
import type { HashedFile } from './hashed-file.ts';
import { sendPart } from './send-part.ts';
import { uploadParts } from './upload-parts.ts';

/** How an object is put, apart from where to and what of. */
export type UploadOptions = Partial<
  Pick<
    PutObjectCommandInput,
    'Bucket' | 'ContentType' | 'Metadata' | 'Tagging' | 'IfMatch' | 'IfNoneMatch'
  >
>;

/**
 * Uploads a file: in one request, or in parts, where it has several. S3 holds every byte against the hashes
 * that were taken of the file before. Each request is tried again three times where that may help, and the
 * object is there as a whole or not at all: of an upload that fails or is aborted, no parts stay.
 * @param options by default, it goes into the bucket of the deployment
 * @throws the SDK's error of the last attempt
 */
export async function uploadFile(
  key: string,
  file: HashedFile,
  options: UploadOptions,
  signal: AbortSignal,
): Promise<void> {
  const put = { Bucket: environment.bucketName(), Key: key, ...options };
  const [only, ...others] = file.parts;
  if (others.length > 0) return uploadParts(file, put, signal);
  const send = (content: object) =>
    s3.send(new PutObjectCommand({ ...put, ...content }), { abortSignal: signal });
  await sendPart(file, only!, send, signal);
}
