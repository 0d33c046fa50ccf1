import type { Readable } from 'node:stream';
import type { PutObjectCommandInput } from '@aws-sdk/client-s3';
import { withRetries } from '../aws/with-retries.ts';
import { type FilePart, type HashedFile, openPart } from './hashed-file.ts';

/** What of a request is its body, and what S3 checks that by. */
export type Content = Pick<PutObjectCommandInput, 'Body' | 'ContentLength' | 'ChecksumSHA256'>;

/**
 * Sends a part of a file as the body of a request, which is tried again where that may help. Each attempt reads
 * the part anew: what a failed one has taken out of its stream is gone.
 */
export function sendPart<Output>(
  { path }: HashedFile,
  part: FilePart,
  send: (content: Content) => Promise<Output>,
  signal: AbortSignal,
): Promise<Output> {
  return withRetries(async () => {
    const Body = openPart(path, part);
    try {
      const sent = send({ Body, ContentLength: part.sizeBytes, ChecksumSHA256: part.sha256 });
      return await Promise.race([sent, failureOf(Body)]);
    } finally {
      Body.destroy();
    }
  }, signal);
}

/** The SDK does not look at errors of the stream it sends; one that nobody looks at ends the process. */
const failureOf = (stream: Readable) =>
  new Promise<never>((_, reject) => stream.once('error', reject));
