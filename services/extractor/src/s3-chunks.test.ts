import { readdir, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '#local/s3/testing';
import type { Chunk } from '#shared/media/hls/media-playlist';
import { startBucket, type TestBucket } from '#shared/storage/bucket.fixture';
import type * as s3ChunksModule from './s3-chunks.ts';

const { signal } = new AbortController();

/** More than any disk that this runs on, and nothing on the disk of the embedded S3. */
const SPARSE_BYTES = 2 ** 43;

let bucket: TestBucket;
let module: typeof s3ChunksModule;
let folder: string;
beforeEach(async () => {
  bucket = await startBucket();
  module = await import('./s3-chunks.ts');
  folder = await temporaryFolder();
});

async function putChunks(count: number): Promise<Chunk[]> {
  const chunks = Array.from({ length: count }, (_, index) => ({
    key: `episode/${index}.ts`,
    index,
    startUs: index * 6e6,
    durationUs: 6e6,
    run: 0,
    isGap: false,
  }));
  for (const { key } of chunks) await bucket.put(key, 'chunk');
  return chunks;
}

describe('the chunks of a segment', () => {
  it('are read once, however often they are asked for', async () => {
    const chunks = await putChunks(12);
    const store = new module.S3Chunks(folder, 'picture', signal);
    const files = await store.fetch(chunks);
    expect([...files.keys()]).toEqual(chunks.map(({ index }) => index));
    expect(store.bytesRead).toBe(12 * 'chunk'.length);
    expect(await store.fetch(chunks.slice(3, 5))).toEqual(
      new Map([3, 4].map((index) => [index, files.get(index)])),
    );
    expect(store.bytesRead).toBe(12 * 'chunk'.length);
  });

  it('are not read where there is no room for them, and for what is made of them', async () => {
    const chunks = await putChunks(12);
    const media = join(bucket.rootDir, 'media', 'episode');
    for (const name of await readdir(media)) await truncate(join(media, name), SPARSE_BYTES);
    const store = new module.S3Chunks(folder, 'picture', signal);
    await expect(store.fetch(chunks)).rejects.toMatchObject({
      code: 'DISK_TOO_SMALL',
      message: expect.stringMatching(
        /needs some [\d.]+ GB .* has [\d.]+ GB: ask for a shorter one/,
      ),
    });
    expect(await readdir(folder)).toEqual([]);
  });
});
