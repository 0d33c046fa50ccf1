import { buffer } from 'node:stream/consumers';
import { S3ServiceException } from '@aws-sdk/client-s3';
import { TransientError } from '../errors.ts';
import type { RangedObject } from '../media/source/ranged-object.ts';
import { openObject } from './objects.ts';

/** What is read of an object to begin with: mostly enough to tell what it is. */
const HEAD_BYTES = 64 << 10;

/** An object in S3, read in pieces, all of which are of the content that it had when it was opened. */
export class S3Object implements RangedObject {
  private constructor(
    private readonly key: string,
    private readonly head: Buffer,
    readonly size: number,
    /** Names this content: another content has another one. */
    readonly etag: string,
    private readonly signal: AbortSignal,
    /** What was read of it so far, in bytes. */
    public bytesRead: number,
  ) {}

  /**
   * @returns undefined where it is empty
   * @throws an error that `isMissing` knows, where there is none
   */
  static async open(key: string, signal: AbortSignal): Promise<S3Object | undefined> {
    try {
      const opened = await openObject(key, signal, `bytes=0-${HEAD_BYTES - 1}`);
      const head = await buffer(opened.body);
      return new S3Object(key, head, opened.objectBytes, opened.etag!, signal, head.length);
    } catch (error) {
      if (statusOf(error) === RANGE_NOT_SATISFIABLE) return undefined;
      throw error;
    }
  }

  /** @throws TransientError `CONFLICT` where it has been replaced since */
  async read(start: number, end: number): Promise<Buffer> {
    if (end <= this.head.length) return this.head.subarray(start, end);
    try {
      const { body } = await openObject(
        this.key,
        this.signal,
        `bytes=${start}-${end - 1}`,
        this.etag,
      );
      const bytes = await buffer(body);
      this.bytesRead += bytes.length;
      return bytes;
    } catch (error) {
      if (statusOf(error) !== PRECONDITION_FAILED) throw error;
      throw new TransientError(
        'CONFLICT',
        `${this.key} was replaced while it was read: ask again.`,
        {
          cause: error,
        },
      );
    }
  }
}

const PRECONDITION_FAILED = 412;
const RANGE_NOT_SATISFIABLE = 416;

const statusOf = (error: unknown): number | undefined =>
  error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
