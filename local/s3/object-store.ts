import type { BigIntStats } from 'node:fs';
import {
  type FileHandle,
  mkdir,
  open,
  readdir,
  rm,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Checksum } from './checksums.ts';
import type { WriteCondition } from './conditions.ts';
import { s3Error } from './errors.ts';
import {
  errorCode,
  moveInto,
  readJson,
  removeEmptyFolders,
  undefinedIfMissing,
  writeJson,
} from './files.ts';
import { pathToKey } from './key-path.ts';
import { KeyedLock } from './keyed-lock.ts';
import type { Layout } from './layout.ts';
import type { Tag } from './tags.ts';

/** What is kept about an object beside its bytes. */
export interface ObjectRecord {
  readonly key: string;
  /** Without quotes. */
  readonly etag: string;
  /** `content-type` and its like, and `x-amz-meta-*`, as they are sent back. */
  readonly headers: Readonly<Record<string, string>>;
  /** Absent: none. */
  readonly tags?: readonly Tag[];
  readonly checksum?: Checksum;
  /** The multipart upload that it is made of, and how large its parts are, in order. Absent: it came as one. */
  readonly upload?: { readonly uploadId: string; readonly partSizesBytes: readonly number[] };
}

export interface StoredObject extends ObjectRecord {
  readonly sizeBytes: number;
  readonly lastModifiedMs: number;
  /** Hexadecimal, ascending from one object under this key to the next. */
  readonly sequencer: string;
}

interface Found {
  readonly file: FileHandle;
  readonly object: StoredObject;
  readonly record: ObjectRecord;
  /** Where the record is, or would be if the file were not put there by hand. */
  readonly recordFile: string;
}

/**
 * Objects as plain files, each with a record elsewhere, and both replaced as one.
 *
 * ```
 * body ─▶ temporary file ─▶ its time is set: newer than the object it replaces
 *                           record written under <time>-<size>: nobody looks for it yet
 *         rename to the key's path ◀── the commit: readers go from old to new here
 *                           the old record is removed
 * ```
 * A reader opens the file, and finds the record that belongs to it by the file's own time and
 * size. So it gets old bytes with the old record or new with new, whenever it comes, and a crash
 * at any point leaves either. A file without a record, put there by hand, is an object too.
 * New tags replace the record alone, under its name, so the file and its time stay.
 * Safe against the death of the process; for loss of power the files are not synced.
 */
export class ObjectStore {
  readonly #locks = new KeyedLock();

  constructor(private readonly layout: Layout) {}

  /** Opens an object for reading; the caller closes the file. Undefined when there is none. */
  async open(
    bucket: string,
    key: string,
  ): Promise<{ file: FileHandle; object: StoredObject } | undefined> {
    const found = await this.#open(bucket, key);
    if (!found || found.object.key === key) return found;
    await found.file.close();
    return undefined;
  }

  /** Like `open`, for those who need no bytes. */
  async find(bucket: string, key: string): Promise<StoredObject | undefined> {
    const found = await this.open(bucket, key);
    await found?.file.close();
    return found?.object;
  }

  /**
   * Makes a finished file the object under this key. Writers to one key take turns, so the
   * condition holds at the commit.
   * @param file moved away; when this throws, it is still there
   * @throws AwsError from `condition`; `KeyTooLongError` when the file system cannot name it
   */
  async commit(
    bucket: string,
    record: ObjectRecord,
    file: string,
    condition: WriteCondition,
  ): Promise<StoredObject> {
    return this.#locks.run(`${bucket}/${record.key}`, async () => {
      const existing = await this.#open(bucket, record.key);
      await existing?.file.close();
      if (existing && existing.object.key !== record.key) {
        throw s3Error(
          'InvalidRequest',
          `This file system takes the key for ${existing.object.key}. Use a case-sensitive one.`,
        );
      }
      condition(existing?.object);
      const modifiedMs = Math.max(Date.now(), (existing?.object.lastModifiedMs ?? 0) + 1);
      await utimes(file, modifiedMs / 1000, modifiedMs / 1000);
      const stats = await stat(file, { bigint: true });
      const records = this.layout.recordsOf(bucket, record.key);
      try {
        await this.#writeRecord(records, stats, record);
        await moveInto(file, this.layout.object(bucket, record.key));
      } catch (error) {
        throw errorCode(error) === 'ENAMETOOLONG' ? s3Error('KeyTooLongError') : error;
      }
      await removeOthers(records, recordName(stats));
      return stored(record, stats);
    });
  }

  /** Replaces the tags and nothing else. @returns false when there is no such object */
  async setTags(bucket: string, key: string, tags: readonly Tag[]): Promise<boolean> {
    return this.#locks.run(`${bucket}/${key}`, async () => {
      const found = await this.#open(bucket, key);
      await found?.file.close();
      if (found?.object.key !== key) return false;
      await writeJson(found.recordFile, { ...found.record, tags });
      return true;
    });
  }

  /** Deletes an object; fine when there is none. */
  async delete(bucket: string, key: string): Promise<void> {
    await this.#locks.run(`${bucket}/${key}`, async () => {
      if (!(await this.find(bucket, key))) return;
      const path = this.layout.object(bucket, key);
      const records = this.layout.recordsOf(bucket, key);
      await rm(path, { force: true });
      await rm(records, { recursive: true, force: true });
      await removeEmptyFolders(dirname(path), this.layout.objects(bucket));
      await removeEmptyFolders(dirname(records), this.layout.records(bucket));
    });
  }

  /** The keys in a folder of the bucket (`''`: all of it) and below, in no order. */
  async *keys(bucket: string, folder: string): AsyncGenerator<string> {
    const path = join(this.layout.objects(bucket), folder);
    const entries = await readdir(path, { withFileTypes: true }).catch(undefinedIfMissing);
    for (const entry of entries ?? []) {
      const inside = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) yield* this.keys(bucket, inside);
      const key = entry.isFile() ? pathToKey(inside) : undefined;
      if (key !== undefined) yield key;
    }
  }

  /** Whatever lies at the key's path; another key's object where case does not count. */
  async #open(bucket: string, key: string): Promise<Found | undefined> {
    const path = this.layout.object(bucket, key);
    for (;;) {
      const file = await open(path).catch(undefinedIfMissing);
      if (!file) return undefined;
      try {
        const stats = await file.stat({ bigint: true });
        const recordFile = join(this.layout.recordsOf(bucket, key), recordName(stats));
        const found = (record: ObjectRecord) => {
          return { file, object: stored(record, stats), record, recordFile };
        };
        const record = await readJson<ObjectRecord>(recordFile);
        if (record) return found(record);
        const now = await stat(path, { bigint: true }).catch(undefinedIfMissing);
        if (stats.isFile() && now && recordName(now) === recordName(stats)) {
          return found(recordOfForeignFile(key, stats));
        }
        await file.close();
        if (!stats.isFile()) return undefined;
        // Replaced between the two looks: look again.
      } catch (error) {
        await file.close();
        throw error;
      }
    }
  }

  async #writeRecord(records: string, stats: BigIntStats, record: ObjectRecord): Promise<void> {
    await mkdir(records, { recursive: true });
    await writeFile(join(records, recordName(stats)), JSON.stringify(record));
  }
}

function recordName(stats: BigIntStats): string {
  return `${stats.mtimeNs}-${stats.size}.json`;
}

function stored(record: ObjectRecord, stats: BigIntStats): StoredObject {
  return {
    ...record,
    sizeBytes: Number(stats.size),
    lastModifiedMs: Math.round(Number(stats.mtimeNs) / 1e6),
    sequencer: stats.mtimeNs.toString(16).toUpperCase().padStart(18, '0'),
  };
}

/** The ETag changes with the file; its hyphen tells clients that it is no MD5, as with multipart. */
function recordOfForeignFile(key: string, stats: BigIntStats): ObjectRecord {
  const etag = `${stats.mtimeNs.toString(16)}-${stats.size}`;
  return { key, etag, headers: { 'content-type': 'binary/octet-stream' } };
}

async function removeOthers(folder: string, keep: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name !== keep) await rm(join(folder, name), { force: true });
  }
}
