import type { FileHandle } from 'node:fs/promises';
import type { BucketStore } from './bucket-store.ts';
import type { Layout } from './layout.ts';
import type { MultipartStore } from './multipart-store.ts';
import type { ObjectCreated } from './object-created.ts';
import type { ObjectStore, StoredObject } from './object-store.ts';
import type { S3Request } from './request.ts';

/** What operations work with. */
export interface S3Context {
  readonly region: string;
  readonly layout: Layout;
  readonly buckets: BucketStore;
  readonly objects: ObjectStore;
  readonly uploads: MultipartStore;
  /** How long a client waits for an answer to begin, at most, in milliseconds. */
  readonly patienceMs: number;
  /** Tells the world about a new object, if its bucket is to; resolves when it has been told. */
  announce(
    request: S3Request,
    object: StoredObject,
    reason: ObjectCreated['reason'],
  ): Promise<void>;
}

/** An answer. */
export interface S3Response {
  /** Default: 200. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * XML, also such as takes a while to come: then the connection is kept busy. Or bytes of a file, which is
   * closed when they are sent.
   */
  readonly body?: string | Promise<string> | FileSlice;
}

export interface FileSlice {
  readonly file: FileHandle;
  readonly start: number;
  readonly sizeBytes: number;
}

export type Operation = (request: S3Request, s3: S3Context) => Promise<S3Response>;

export function objectArn(bucket: string, key: string): string {
  return `arn:aws:s3:::${bucket}/${key}`;
}

export function bucketArn(bucket: string): string {
  return `arn:aws:s3:::${bucket}`;
}
