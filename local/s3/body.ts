import { createHash } from 'node:crypto';
import { decodeAwsChunked } from './aws-chunked.ts';
import {
  CHECKSUM_ALGORITHMS,
  type ChecksumAlgorithm,
  checksumHeader,
  feed,
  type RunningHash,
  startChecksum,
} from './checksums.ts';
import { s3Error } from './errors.ts';
import type { S3Request } from './request.ts';
import { type StagedFile, stage } from './staging.ts';

/** Base64 by algorithm: what the client sent and the server found to be right, or was asked for. */
export type Checksums = Partial<Record<ChecksumAlgorithm, string>>;

/** A body that has arrived whole and matches every digest that came with it. */
export interface ReceivedFile extends StagedFile {
  readonly md5: Buffer;
  readonly checksums: Checksums;
}

const MAX_XML_BYTES = 8 * 1024 * 1024;

/**
 * Streams the body into a new file.
 * @param also a checksum to compute even if the client sent none
 * @throws AwsError `BadDigest`, `InvalidDigest`, `IncompleteBody`, `XAmzContentSHA256Mismatch`,
 *   `MalformedTrailerError`; then the file is gone
 */
export async function receiveFile(
  request: S3Request,
  path: string,
  also?: ChecksumAlgorithm,
): Promise<ReceivedFile> {
  const body = new IncomingBody(request, { also });
  const staged = await stage(body.chunks(), path);
  return { ...staged, md5: body.md5, checksums: body.checksums };
}

/**
 * Reads an XML body.
 * @param options.checksumsOf `CompleteMultipartUpload` tells the object's checksum where other
 *   requests tell the body's; default: the body's
 * @throws AwsError like `receiveFile`; `MaxMessageLengthExceeded` beyond 8 MiB
 */
export async function receiveText(
  request: S3Request,
  options: { checksumsOf?: 'body' | 'object' } = {},
): Promise<string> {
  const parts: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of new IncomingBody(request, options).chunks()) {
    sizeBytes += chunk.length;
    if (sizeBytes > MAX_XML_BYTES) throw s3Error('MaxMessageLengthExceeded');
    parts.push(chunk);
  }
  return Buffer.concat(parts).toString('utf8');
}

class IncomingBody {
  readonly #request: S3Request;
  readonly #trailers = new Map<string, string>();
  readonly #trailerNames: string[];
  readonly #md5Hash = createHash('md5');
  readonly #sha256Hash = createHash('sha256');
  readonly #checksumHashes = new Map<ChecksumAlgorithm, RunningHash>();
  /** Known once `chunks` has ended. */
  md5: Buffer = Buffer.alloc(0);
  readonly checksums: Checksums = {};

  constructor(
    request: S3Request,
    options: { also?: ChecksumAlgorithm; checksumsOf?: 'body' | 'object' },
  ) {
    this.#request = request;
    this.#trailerNames = (request.header('x-amz-trailer') ?? '')
      .split(',')
      .map((name) => name.trim().toLowerCase())
      .filter((name) => name !== '');
    for (const algorithm of CHECKSUM_ALGORITHMS) {
      const name = checksumHeader(algorithm);
      const declared = request.header(name) !== undefined || this.#trailerNames.includes(name);
      if ((declared && options.checksumsOf !== 'object') || algorithm === options.also) {
        this.#checksumHashes.set(algorithm, startChecksum(algorithm));
      }
    }
  }

  /** The decoded bytes; throws behind the last one when they are not what was announced. */
  async *chunks(): AsyncGenerator<Buffer> {
    const hashes = [this.#md5Hash, ...this.#checksumHashes.values()];
    if (this.#payloadSha256 !== undefined) hashes.push(this.#sha256Hash);
    let sizeBytes = 0;
    for await (const chunk of feed(this.#decoded(), hashes)) {
      sizeBytes += chunk.length;
      yield chunk;
    }
    const announced = this.#request.header('x-amz-decoded-content-length');
    if (announced !== undefined && sizeBytes !== Number(announced)) throw s3Error('IncompleteBody');
    this.#verifyMd5();
    this.#verifyChecksums();
    const sha256 = this.#payloadSha256;
    if (sha256 !== undefined && this.#sha256Hash.digest('hex') !== sha256) {
      throw s3Error('XAmzContentSHA256Mismatch');
    }
  }

  #decoded(): AsyncIterable<Buffer> {
    // Leaving the loop early must not destroy the socket: the error is still to be answered.
    const raw = this.#request.body.iterator({ destroyOnReturn: false });
    const streaming = this.#request.header('x-amz-content-sha256')?.startsWith('STREAMING-');
    const encoding = this.#request.header('content-encoding') ?? '';
    return streaming || contentCodings(encoding).includes('aws-chunked')
      ? decodeAwsChunked(raw, this.#trailers)
      : raw;
  }

  /** Signed with the request; absent when the payload was not signed as a whole. */
  get #payloadSha256(): string | undefined {
    const value = this.#request.header('x-amz-content-sha256');
    return value !== undefined && /^[0-9a-f]{64}$/.test(value) ? value : undefined;
  }

  #verifyMd5(): void {
    this.md5 = this.#md5Hash.digest();
    const announced = this.#request.header('content-md5');
    if (announced === undefined) return;
    const bytes = Buffer.from(announced, 'base64');
    if (bytes.length !== this.md5.length) throw s3Error('InvalidDigest');
    if (!bytes.equals(this.md5)) {
      throw s3Error('BadDigest', 'The Content-MD5 you specified did not match what we received.');
    }
  }

  #verifyChecksums(): void {
    const absent = this.#trailerNames.find((name) => !this.#trailers.has(name));
    if (absent !== undefined) throw s3Error('MalformedTrailerError');
    for (const [algorithm, hash] of this.#checksumHashes) {
      const name = checksumHeader(algorithm);
      const value = hash.digest().toString('base64');
      const announced = this.#trailers.get(name) ?? this.#request.header(name);
      if (announced !== undefined && announced !== value) {
        throw s3Error(
          'BadDigest',
          `The ${algorithm.toUpperCase()} you specified did not match the calculated checksum.`,
        );
      }
      this.checksums[algorithm] = value;
    }
  }
}

/** The items of a `Content-Encoding` header. */
export function contentCodings(header: string): string[] {
  return header
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '');
}
