import { createHash, type Hash } from 'node:crypto';
import { createReadStream, type ReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';

/** A stretch of a file that goes into one request. */
export interface FilePart {
  /** Offset of its first byte. */
  start: number;
  sizeBytes: number;
  /** SHA-256 in base64, as S3 has it in its headers. */
  sha256: string;
}

/** A file on local disk that is ready to be uploaded, with what its bytes must come out as at the other end. */
export interface HashedFile {
  path: string;
  sizeBytes: number;
  /** SHA-256 of all of it, in hexadecimal digits. */
  sha256: string;
  /** At least one, in their order. */
  parts: readonly FilePart[];
}

/** Into what parts a file goes. */
export interface Partition {
  /** A file that is no larger is one part. */
  multipartAboveBytes: number;
  partBytes: number;
}

const MIB = 1024 * 1024;

/** S3 takes 10,000 parts of a file: these are enough for 160 GB, and few enough to be worth a request each. */
const PARTITION: Partition = { multipartAboveBytes: 100 * MIB, partBytes: 16 * MIB };

/** Reads a file once, for the hashes of it and of its parts: whatever is read later is held against these. */
export async function hashFile(
  path: string,
  signal: AbortSignal,
  { multipartAboveBytes, partBytes }: Partition = PARTITION,
): Promise<HashedFile> {
  const { size } = await stat(path);
  const whole = createHash('sha256');
  if (size <= multipartAboveBytes) {
    await feed([whole], openRange(path, 0, size), signal);
    const digest = whole.digest();
    const only = { start: 0, sizeBytes: size, sha256: digest.toString('base64') };
    return { path, sizeBytes: size, sha256: digest.toString('hex'), parts: [only] };
  }
  const parts: FilePart[] = [];
  for (let start = 0; start < size; start += partBytes) {
    const sizeBytes = Math.min(partBytes, size - start);
    const part = createHash('sha256');
    await feed([whole, part], openRange(path, start, sizeBytes), signal);
    parts.push({ start, sizeBytes, sha256: part.digest('base64') });
  }
  return { path, sizeBytes: size, sha256: whole.digest('hex'), parts };
}

/** A new stream of the bytes of a part. */
export const openPart = (path: string, { start, sizeBytes }: FilePart): ReadStream =>
  openRange(path, start, sizeBytes);

function openRange(path: string, start: number, sizeBytes: number): ReadStream {
  // The end is inclusive; of an empty file there is nothing to be read at 0, either.
  return createReadStream(path, { start, end: Math.max(start, start + sizeBytes - 1) });
}

async function feed(hashes: readonly Hash[], bytes: ReadStream, signal: AbortSignal) {
  for await (const chunk of bytes) {
    signal.throwIfAborted();
    for (const hash of hashes) hash.update(chunk);
  }
}
