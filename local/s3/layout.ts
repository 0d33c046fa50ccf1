import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { keyToPath } from './key-path.ts';

/**
 * Where everything lies below the server's folder:
 *
 * ```
 * <bucket>/<path of the key>                           the objects: plain files
 * .meta/buckets/<bucket>.json                          that the bucket exists, and its settings
 * .meta/objects/<bucket>/<path of the key>/<version>.json   an object's record
 * .meta/uploads/<bucket>/<upload id>/                  a multipart upload and its parts
 * .meta/tmp/                                           bodies on their way in
 * ```
 * No bucket's name begins with a dot, so `.meta` is ours alone.
 */
export class Layout {
  readonly buckets: string;
  readonly #objects: string;
  readonly #uploads: string;
  readonly #temporary: string;

  constructor(readonly rootDir: string) {
    this.buckets = join(rootDir, '.meta', 'buckets');
    this.#objects = join(rootDir, '.meta', 'objects');
    this.#uploads = join(rootDir, '.meta', 'uploads');
    this.#temporary = join(rootDir, '.meta', 'tmp');
    // What a crash left there was never acknowledged to anyone.
    rmSync(this.#temporary, { recursive: true, force: true });
    mkdirSync(this.#temporary, { recursive: true });
    mkdirSync(this.buckets, { recursive: true });
  }

  bucketFile(bucket: string): string {
    return join(this.buckets, `${bucket}.json`);
  }

  objects(bucket: string): string {
    return join(this.rootDir, bucket);
  }

  object(bucket: string, key: string): string {
    return join(this.rootDir, bucket, keyToPath(key));
  }

  records(bucket: string): string {
    return join(this.#objects, bucket);
  }

  recordsOf(bucket: string, key: string): string {
    return join(this.#objects, bucket, keyToPath(key));
  }

  uploads(bucket: string): string {
    return join(this.#uploads, bucket);
  }

  /** @param uploadId one of ours: it becomes part of the path */
  upload(bucket: string, uploadId: string): string {
    return join(this.#uploads, bucket, uploadId);
  }

  /** A new name for a body on its way in; on the same file system as the objects. */
  temporary(): string {
    return join(this.#temporary, randomUUID());
  }
}
