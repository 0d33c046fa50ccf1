import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Checksums } from './body.ts';
import type { ChecksumAlgorithm, ChecksumType } from './checksums.ts';
import { s3Error } from './errors.ts';
import { readJson, removeEmptyFolders, undefinedIfMissing, writeJson } from './files.ts';
import { KeyedLock } from './keyed-lock.ts';
import type { Layout } from './layout.ts';
import type { Tag } from './tags.ts';

/** A multipart upload that has begun, with what the object is to have in the end. */
export interface Upload {
  readonly bucket: string;
  readonly key: string;
  readonly uploadId: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Absent: none. */
  readonly tags?: readonly Tag[];
  /** Undefined: the client asked for no checksum. */
  readonly checksum?: { readonly algorithm: ChecksumAlgorithm; readonly type: ChecksumType };
  readonly initiatedAtMs: number;
}

export interface Part {
  readonly partNumber: number;
  /** Without quotes: the MD5 of the part. */
  readonly etag: string;
  readonly sizeBytes: number;
  readonly checksums: Checksums;
  readonly lastModifiedMs: number;
}

/** A part's record is its commit: it names the file, so a part sent again is replaced as one. */
interface PartRecord extends Part {
  readonly file: string;
}

/** Multipart uploads: a folder each, with `upload.json`, and a record and a file per part. */
export class MultipartStore {
  readonly #locks = new KeyedLock();

  constructor(private readonly layout: Layout) {}

  async create(upload: Omit<Upload, 'uploadId' | 'initiatedAtMs'>): Promise<Upload> {
    const uploadId = randomUUID().replaceAll('-', '');
    const created: Upload = { ...upload, uploadId, initiatedAtMs: Date.now() };
    await writeJson(join(this.#folder(created), 'upload.json'), created);
    return created;
  }

  /** @throws AwsError `NoSuchUpload` */
  async find(bucket: string, key: string, uploadId: string): Promise<Upload> {
    // The id becomes part of a path.
    if (!/^[0-9a-f]{32}$/.test(uploadId)) throw s3Error('NoSuchUpload');
    const file = join(this.layout.upload(bucket, uploadId), 'upload.json');
    const upload = await readJson<Upload>(file);
    if (upload?.key !== key) throw s3Error('NoSuchUpload');
    return upload;
  }

  /** All uploads of a bucket, in no order. */
  async list(bucket: string): Promise<Upload[]> {
    const ids = (await readdir(this.layout.uploads(bucket)).catch(undefinedIfMissing)) ?? [];
    const uploads = await Promise.all(
      ids.map((id) => readJson<Upload>(join(this.layout.upload(bucket, id), 'upload.json'))),
    );
    return uploads.filter((upload) => upload !== undefined);
  }

  /**
   * Runs a task that nothing else on this upload overlaps.
   * @throws AwsError `NoSuchUpload` when the upload is gone by then
   */
  async exclusively<Result>(upload: Upload, task: () => Promise<Result>): Promise<Result> {
    return this.#locks.run(upload.uploadId, async () => {
      await this.find(upload.bucket, upload.key, upload.uploadId);
      return task();
    });
  }

  /** Adds a part, or replaces the one of this number. @param path its bytes: moved away */
  async addPart(upload: Upload, part: Part, path: string): Promise<void> {
    await this.exclusively(upload, async () => {
      const folder = this.#folder(upload);
      const recordFile = join(folder, partFile(part.partNumber));
      const replaced = await readJson<PartRecord>(recordFile);
      const record: PartRecord = { ...part, file: `${randomUUID()}.part` };
      await rename(path, join(folder, record.file));
      await writeJson(recordFile, record);
      if (replaced) await rm(join(folder, replaced.file), { force: true });
    });
  }

  /** The parts, by number. */
  async parts(upload: Upload): Promise<Part[]> {
    return this.#records(upload);
  }

  /** The bytes of some parts, one behind the other. */
  async *read(upload: Upload, parts: readonly Part[]): AsyncGenerator<Buffer> {
    const records = await this.#records(upload);
    const files = new Map(records.map((record) => [record.partNumber, record.file]));
    for (const { partNumber } of parts) {
      yield* createReadStream(join(this.#folder(upload), files.get(partNumber)!));
    }
  }

  /** Forgets an upload and its parts. */
  async remove(upload: Upload): Promise<void> {
    // First the file that makes it one, so that a crash leaves no upload of half its parts.
    await rm(join(this.#folder(upload), 'upload.json'));
    await rm(this.#folder(upload), { recursive: true, force: true });
    const uploads = this.layout.uploads(upload.bucket);
    await removeEmptyFolders(uploads, join(uploads, '..'));
  }

  async #records(upload: Upload): Promise<PartRecord[]> {
    const names = (await readdir(this.#folder(upload)).catch(undefinedIfMissing)) ?? [];
    const records = await Promise.all(
      names
        .filter((name) => /^\d{5}\.json$/.test(name))
        .sort()
        .map((name) => readJson<PartRecord>(join(this.#folder(upload), name))),
    );
    return records.filter((record) => record !== undefined);
  }

  #folder(upload: Upload): string {
    return this.layout.upload(upload.bucket, upload.uploadId);
  }
}

function partFile(partNumber: number): string {
  return `${String(partNumber).padStart(5, '0')}.json`;
}
