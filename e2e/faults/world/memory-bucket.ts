import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { type GetObjectCommandInput, NoSuchKey, S3ServiceException } from '@aws-sdk/client-s3';
import type { ObjectCreated } from '#local/s3/index';
import type { StoredObject } from '../checker/final-state.ts';

interface Held {
  readonly content: Buffer;
  readonly etag: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly writtenAt: Date;
}

/** What the handlers' calls tell, as far as the bucket looks at it. */
interface Input extends Pick<GetObjectCommandInput, 'Range'> {
  readonly Bucket?: string;
  readonly Key?: string;
  readonly Prefix?: string;
  readonly Body?: Readable | Buffer | string;
  readonly Metadata?: Record<string, string>;
  readonly IfMatch?: string;
  readonly IfNoneMatch?: string;
  readonly Delete?: { readonly Objects: readonly { readonly Key: string }[] };
}

/**
 * A bucket in memory, with S3's conditional writes, for thousands of runs: the files of the embedded one take
 * half of the time of a run. Answers what the SDK's client is asked, by the name of the operation.
 */
export class MemoryBucket {
  readonly #objects = new Map<string, Held>();
  #uploads = 0;
  /** Told of every new object before its upload is answered, as the embedded bucket does. */
  onObjectCreated: (created: ObjectCreated) => Promise<void> = async () => {};

  async call(operation: string, input: Input): Promise<{ output: Record<string, unknown> }> {
    return { output: { ...(await this.#answer(operation, input)), $metadata: {} } };
  }

  list(): StoredObject[] {
    return [...this.#objects].map(([key, { etag, metadata }]) => ({
      key,
      etag,
      ...(key.endsWith('/clip.mp4') ? { metadata } : {}),
    }));
  }

  /** Takes away all objects but these. */
  keep(keys: ReadonlySet<string>): void {
    this.#uploads = 0;
    for (const key of this.#objects.keys()) if (!keys.has(key)) this.#objects.delete(key);
  }

  async put(Key: string, Body: Buffer): Promise<void> {
    await this.call('PutObject', { Key, Body });
  }

  async #answer(operation: string, input: Input): Promise<Record<string, unknown>> {
    const { Key = '' } = input;
    switch (operation) {
      case 'PutObject':
        return this.#put(Key, input);
      case 'HeadObject': {
        const { content, etag, metadata } = this.#find(Key);
        return { ContentLength: content.length, ETag: etag, Metadata: metadata };
      }
      case 'GetObject':
        return this.#get(Key, input);
      case 'ListObjectsV2':
        return { Contents: this.#listBelow(input.Prefix ?? '') };
      case 'DeleteObject':
        this.#objects.delete(Key);
        return {};
      case 'DeleteObjects':
        for (const { Key: key } of input.Delete?.Objects ?? []) this.#objects.delete(key);
        return {};
      default:
        throw new Error(`The bucket in memory does not know ${operation}: teach it.`);
    }
  }

  #listBelow(prefix: string) {
    return [...this.#objects]
      .filter(([key]) => key.startsWith(prefix))
      .map(([Key, { writtenAt }]) => ({ Key, LastModified: writtenAt }))
      .sort((a, b) => (a.Key < b.Key ? -1 : 1));
  }

  async #put(key: string, input: Input) {
    const { Bucket = '', Body = '', Metadata = {}, IfMatch, IfNoneMatch } = input;
    const content = Body instanceof Readable ? await buffer(Body) : Buffer.from(Body);
    // From here on nothing is waited for: condition and write are one step.
    const present = this.#objects.get(key);
    if (IfMatch !== undefined && !present)
      throw new NoSuchKey({ message: 'There is no such object.', $metadata: {} });
    const isRefused = IfNoneMatch === '*' ? present : IfMatch && IfMatch !== present?.etag;
    if (isRefused) throw failure(412, 'PreconditionFailed');
    // Not of the content alone: pre-cut files are all alike, and conditions must tell writes apart.
    const etag = `"${createHash('md5').update(content).update(JSON.stringify(Metadata)).digest('hex')}"`;
    this.#objects.set(key, { content, etag, metadata: Metadata, writtenAt: new Date() });
    await this.onObjectCreated({
      bucket: Bucket,
      key,
      size: content.length,
      etag: etag.replaceAll('"', ''),
      sequencer: (++this.#uploads).toString(16).padStart(16, '0'),
      reason: 'PutObject',
      requestId: 'in-memory',
      sourceIpAddress: '127.0.0.1',
      createdAtMs: Date.now(),
    });
    return { ETag: etag };
  }

  #get(key: string, { Range, IfNoneMatch }: Input) {
    const { content, etag, metadata } = this.#find(key);
    if (IfNoneMatch === etag) throw failure(304, 'NotModified');
    const [, from = '0', to = ''] = /^bytes=(\d+)-(\d*)$/.exec(Range ?? '') ?? [];
    const part = content.subarray(Number(from), to === '' ? undefined : Number(to) + 1);
    const Body = Object.assign(Readable.from(part.length > 0 ? [part] : []), {
      transformToString: async () => part.toString(),
    });
    const ContentRange = Range && `bytes ${from}-*/${content.length}`;
    return { Body, ContentLength: part.length, ContentRange, ETag: etag, Metadata: metadata };
  }

  #find(key: string): Held {
    const held = this.#objects.get(key);
    if (!held) throw new NoSuchKey({ message: 'There is no such object.', $metadata: {} });
    return held;
  }
}

const failure = (httpStatusCode: number, name: string) =>
  new S3ServiceException({ name, $fault: 'client', message: name, $metadata: { httpStatusCode } });
