import { createCipheriv, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { temporaryFolder } from '#local/s3/testing';
import type { Window } from '../media/collect/chunk-store.ts';
import type { Chunk, Piece } from '../media/hls/media-playlist.ts';
import { startBucket, type TestBucket } from './bucket.fixture.ts';
import type { ChunkKeys } from './chunk-keys.ts';
import type * as chunksModule from './chunks.ts';

const { signal } = new AbortController();
const MEDIA = randomBytes(300_000);
const KEY = randomBytes(16);
const IV = new Uint8Array(randomBytes(16));
const encryption = { keyKey: 'k', iv: IV };

function encrypt(clear: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-128-cbc', KEY, IV);
  return Buffer.concat([cipher.update(clear), cipher.final()]);
}

let bucket: TestBucket;
let chunks: typeof chunksModule;
let keys: ChunkKeys;
let folder: string;
let file: string;

beforeEach(async () => {
  bucket = await startBucket();
  chunks = await import('./chunks.ts');
  keys = new (await import('./chunk-keys.ts')).ChunkKeys();
  folder = await temporaryFolder();
  file = join(folder, 'chunk');
  await bucket.put('a', MEDIA);
  await bucket.put('k', KEY);
  await bucket.put('a.aes', encrypt(MEDIA));
});

const fetchChunk = (piece: Piece) => chunks.fetchChunk(piece, file, keys, signal);

/** Compares as a whole: byte by byte would take its time. */
async function expectFile(expected: Buffer): Promise<void> {
  const content = await readFile(file);
  expect(content.length).toBe(expected.length);
  expect(content.equals(expected)).toBe(true);
}

/** How often an object was read. */
const readsOf = (key: string) =>
  bucket.authorized.filter((line) => line === `s3:GetObject arn:aws:s3:::media/${key}`).length;

describe('fetchChunk', () => {
  it('fetches an object', async () => {
    expect(await fetchChunk({ key: 'a' })).toBe(MEDIA.length);
    await expectFile(MEDIA);
  });

  it('fetches a byte range', async () => {
    expect(await fetchChunk({ key: 'a', range: { offset: 1000, length: 5000 } })).toBe(5000);
    await expectFile(MEDIA.subarray(1000, 6000));
  });

  it('overwrites what an earlier try left', async () => {
    await fetchChunk({ key: 'a' });
    await fetchChunk({ key: 'a', range: { offset: 0, length: 10 } });
    expect(await readFile(file)).toHaveLength(10);
  });

  it('decrypts, and reads the key once', async () => {
    const bytes = await fetchChunk({ key: 'a.aes', encryption });
    expect(bytes).toBe(encrypt(MEDIA).length);
    await expectFile(MEDIA);
    await Promise.all([
      fetchChunk({ key: 'a.aes', encryption }),
      chunks.fetchChunk({ key: 'a.aes', encryption }, `${file}2`, keys, signal),
    ]);
    expect(readsOf('k')).toBe(1);
  });

  it('decrypts a byte range by itself', async () => {
    const [one, two] = [encrypt(MEDIA.subarray(0, 999)), encrypt(MEDIA.subarray(999))];
    await bucket.put('both', Buffer.concat([one, two]));
    const range = { offset: one.length, length: two.length };
    await fetchChunk({ key: 'both', range, encryption });
    await expectFile(MEDIA.subarray(999));
  });

  it('names the chunk that is missing', async () => {
    await expect(fetchChunk({ key: 'gone.ts' })).rejects.toMatchObject({
      name: 'PermanentError',
      code: 'CHUNK_NOT_FOUND',
      message: expect.stringContaining('gone.ts'),
    });
  });

  it.each<[string, Piece, RegExp]>([
    [
      'another key',
      { key: 'a.aes', encryption: { keyKey: 'other', iv: IV } },
      /other does not open/,
    ],
    ['a chunk in clear', { key: 'short', encryption }, /does not open the chunk short/],
    ['a key of 15 bytes', { key: 'a.aes', encryption: { keyKey: 'k15', iv: IV } }, /15 bytes/],
    ['a key that is gone', { key: 'a.aes', encryption: { keyKey: 'none', iv: IV } }, /key none is/],
    ['a range that reaches out', { key: 'short', range: { offset: 9, length: 9 } }, /ends before/],
    ['a range outside', { key: 'short', range: { offset: 99, length: 9 } }, /ends before/],
  ])('says what is wrong with %s', async (_, piece, message) => {
    // Wrong padding, whatever the last block decrypts to: a random key would pass one time in 256.
    await bucket.put('other', Buffer.from(KEY.map((byte) => byte ^ 0xff)));
    await bucket.put('k15', KEY.subarray(1));
    await bucket.put('short', 'eleven byte');
    await expect(fetchChunk(piece)).rejects.toMatchObject({
      name: 'PermanentError',
      code: 'CHUNK_UNDECODABLE',
      message: expect.stringMatching(message),
    });
  });

  it('asks again for a key that was not there', async () => {
    const late = { key: 'a.aes', encryption: { keyKey: 'late', iv: IV } };
    await expect(fetchChunk(late)).rejects.toThrow(/late/);
    await bucket.put('late', KEY);
    await fetchChunk(late);
    await expectFile(MEDIA);
  });

  it('fails where the connection breaks, and never leaves half a chunk for a whole one', async () => {
    const server = createServer((_, response) => {
      response.writeHead(200, { 'content-length': '100000' });
      response.write(MEDIA.subarray(0, 5000), () => response.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    vi.resetModules();
    const { fetchChunk } = await import('./chunks.ts');
    await expect(fetchChunk({ key: 'a' }, file, keys, signal)).rejects.toThrow();
  });
});

describe('fetchWindow', () => {
  const range = { offset: 1000, length: 5000 };
  const wholeRange = MEDIA.subarray(1000, 6000);

  it.each<[string, Piece, Window, Buffer]>([
    ['the beginning', { key: 'a' }, { first: 100 }, MEDIA.subarray(0, 100)],
    ['the end', { key: 'a' }, { last: 100 }, MEDIA.subarray(-100)],
    ['a beginning longer than it all', { key: 'a' }, { first: 1e6 }, MEDIA],
    ['an end longer than it all', { key: 'a' }, { last: 1e6 }, MEDIA],
    ['the beginning of a range', { key: 'a', range }, { first: 100 }, wholeRange.subarray(0, 100)],
    ['the end of a range', { key: 'a', range }, { last: 100 }, wholeRange.subarray(-100)],
    ['more than a range from its beginning', { key: 'a', range }, { first: 1e6 }, wholeRange],
    ['the middle', { key: 'a' }, { start: 20, end: 50 }, MEDIA.subarray(20, 50)],
    [
      'the middle of a range',
      { key: 'a', range },
      { start: 20, end: 50 },
      wholeRange.subarray(20, 50),
    ],
    ['more than a range from its end', { key: 'a', range }, { last: 1e6 }, wholeRange],
  ])('fetches %s', async (_, chunk, window, expected) => {
    const bytes = await chunks.fetchWindow(chunk, window, file, keys, signal);
    expect(bytes).toBe(expected.length);
    await expectFile(expected);
  });

  it('decrypts a beginning, in whole blocks', async () => {
    const chunk = { key: 'a.aes', encryption };
    expect(await chunks.fetchWindow(chunk, { first: 100 }, file, keys, signal)).toBe(112);
    await expectFile(MEDIA.subarray(0, 112));
  });

  it('leaves no padding where the beginning is all of it', async () => {
    const chunk = { key: 'a.aes', encryption };
    await chunks.fetchWindow(chunk, { first: 1e6 }, file, keys, signal);
    await expectFile(MEDIA);
    const inRange = { ...chunk, range: { offset: 0, length: encrypt(MEDIA).length } };
    await chunks.fetchWindow(inRange, { first: 1e6 }, file, keys, signal);
    await expectFile(MEDIA);
  });

  it('reads nothing for the end of an encrypted chunk', async () => {
    const chunk = { key: 'a.aes', encryption };
    expect(await chunks.fetchWindow(chunk, { last: 100 }, file, keys, signal)).toBeUndefined();
    expect(readsOf('a.aes')).toBe(0);
  });

  it('says that a chunk is missing or empty', async () => {
    const fetch = (key: string) => chunks.fetchWindow({ key }, { first: 9 }, file, keys, signal);
    await bucket.put('empty', new Uint8Array());
    await expect(fetch('gone')).rejects.toMatchObject({ code: 'CHUNK_NOT_FOUND' });
    await expect(fetch('empty')).rejects.toMatchObject({ code: 'CHUNK_UNDECODABLE' });
  });
});

describe('fetchChunks', () => {
  const chunk = (index: number, piece: Piece): Chunk => ({
    ...{ index, startUs: index * 6_000_000, durationUs: 6_000_000, run: 0, isGap: false },
    ...piece,
  });
  const fetchAll = (list: Chunk[], stop = signal) =>
    chunks.fetchChunks(list, ({ index }) => join(folder, `${index}.ts`), keys, stop);

  it('fetches each chunk into its own file, and tells the missing ones', async () => {
    const list = Array.from({ length: 12 }, (_, n) =>
      chunk(n + 40, n % 5 === 3 ? { key: 'gone' } : { key: 'a', range: { offset: n, length: 50 } }),
    );
    const { files, missing, bytesRead } = await fetchAll(list);
    expect(missing).toEqual(new Set([43, 48]));
    expect(bytesRead).toBe(500);
    expect([...files.keys()].sort()).toEqual([40, 41, 42, 44, 45, 46, 47, 49, 50, 51]);
    expect(await readFile(files.get(51)!)).toEqual(MEDIA.subarray(11, 61));
  });

  it('stops at the first one that cannot be decrypted', async () => {
    const broken = { key: 'a', range: { offset: 0, length: 100 }, encryption };
    const list = Array.from({ length: 20 }, (_, n) => chunk(n, n === 1 ? broken : { key: 'a' }));
    await expect(fetchAll(list)).rejects.toMatchObject({ code: 'CHUNK_UNDECODABLE' });
    expect(readsOf('a')).toBeLessThan(list.length);
  });

  it('stops with its caller', async () => {
    const stop = new AbortController();
    stop.abort(new Error('out of time'));
    await expect(fetchAll([chunk(0, { key: 'a' })], stop.signal)).rejects.toThrow('out of time');
  });
});
