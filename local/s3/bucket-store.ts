import { mkdir, readdir, rm } from 'node:fs/promises';
import type { CorsRule } from './cors.ts';
import { s3Error } from './errors.ts';
import { readJson, writeJson } from './files.ts';
import type { Layout } from './layout.ts';

/** What a bucket is told at its creation. */
export interface BucketSettings {
  /** Whether new objects are announced ("Object Created"). */
  readonly eventBridge: boolean;
  /** Default: none. */
  readonly cors?: readonly CorsRule[];
}

export interface Bucket extends BucketSettings {
  readonly name: string;
  readonly createdAtMs: number;
}

/** Rules of "General purpose bucket naming rules" that also make the name a safe folder name. */
const BUCKET_NAME = /^(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/** The buckets, one small file each. */
export class BucketStore {
  constructor(private readonly layout: Layout) {}

  /** Undefined when there is none of this name. */
  async find(name: string): Promise<Bucket | undefined> {
    if (!BUCKET_NAME.test(name)) return undefined;
    return readJson<Bucket>(this.layout.bucketFile(name));
  }

  /**
   * Creates a bucket, or changes the settings of the one that exists; its objects stay.
   * @throws AwsError `InvalidBucketName`
   */
  async put(name: string, settings: BucketSettings): Promise<void> {
    if (!BUCKET_NAME.test(name)) throw s3Error('InvalidBucketName');
    const existing = await this.find(name);
    await mkdir(this.layout.objects(name), { recursive: true });
    const bucket: Bucket = {
      name,
      createdAtMs: existing?.createdAtMs ?? Date.now(),
      ...settings,
    };
    await writeJson(this.layout.bucketFile(name), bucket);
  }

  /** Forgets a bucket that holds nothing. */
  async remove(name: string): Promise<void> {
    await rm(this.layout.bucketFile(name));
    await rm(this.layout.objects(name), { recursive: true, force: true });
  }

  /** All buckets, by name. */
  async list(): Promise<Bucket[]> {
    const files = (await readdir(this.layout.buckets)).filter((file) => file.endsWith('.json'));
    const buckets = await Promise.all(
      files.sort().map((file) => this.find(file.slice(0, -'.json'.length))),
    );
    return buckets.filter((bucket) => bucket !== undefined);
  }
}
