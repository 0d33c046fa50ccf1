import type { Decipher } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { S3ServiceException } from '@aws-sdk/client-s3';
import { PermanentError } from '../errors.ts';
import type { Window } from '../media/collect/chunk-store.ts';
import type { Chunk, Piece } from '../media/hls/media-playlist.ts';
import type { ChunkKeys } from './chunk-keys.ts';
import { isMissing, type OpenedObject, openObject } from './objects.ts';

/** As many chunks on their way at once as fill a function's share of the network. */
const CONCURRENCY = 4;

/** Size of a cipher block of AES. */
const BLOCK_BYTES = 16;

/**
 * Fetches a chunk or an initialization section into a file, in clear.
 * @returns the number of bytes read from S3
 * @throws PermanentError `CHUNK_NOT_FOUND`, naming the object, or `CHUNK_UNDECODABLE` where its key does not
 *   fit or its byte range lies outside the object
 */
export async function fetchChunk(
  piece: Piece,
  file: string,
  keys: ChunkKeys,
  signal: AbortSignal,
): Promise<number> {
  const decipher = await keys.decipherOf(piece, signal);
  const { range } = piece;
  const opened = await open(piece, range && bytesFrom(range.offset, range.length), signal);
  if (range && opened.sizeBytes < range.length) {
    opened.body.destroy();
    throw outsideObject(piece);
  }
  return save(piece, opened, decipher, file, signal);
}

/**
 * Fetches only a part of a chunk into a file; all of it where it is no longer.
 * @returns the number of bytes read from S3; undefined where that is not possible: any but the beginning
 *   of an encrypted chunk, for what comes before is needed to decrypt it
 * @throws PermanentError as {@link fetchChunk}
 */
export async function fetchWindow(
  chunk: Piece,
  window: Window,
  file: string,
  keys: ChunkKeys,
  signal: AbortSignal,
): Promise<number | undefined> {
  if (chunk.encryption && !('first' in window)) return undefined;
  const decipher = await keys.decipherOf(chunk, signal);
  const opened = await open(chunk, rangeOf(window, chunk), signal);
  const wholeBytes = chunk.range?.length ?? opened.objectBytes;
  // Only the end of a chunk is padded: of a beginning, every block is content.
  if (opened.sizeBytes < wholeBytes) decipher?.setAutoPadding(false);
  return save(chunk, opened, decipher, file, signal);
}

/** What came of fetching several chunks. */
export interface FetchedChunks {
  /** By the chunk's place in the playlist. */
  files: Map<number, string>;
  /** Chunks that are not in the bucket, by their place in the playlist. */
  missing: Set<number>;
  bytesRead: number;
}

/**
 * Fetches chunks, each into a file of its own, a few at a time. Missing ones are told, not thrown.
 * @param fileOf where a chunk goes
 * @param onFetched called for each chunk that is through
 * @throws PermanentError `CHUNK_UNDECODABLE` as {@link fetchChunk}; then nothing is being written any more
 */
export async function fetchChunks(
  chunks: readonly Chunk[],
  fileOf: (chunk: Chunk) => string,
  keys: ChunkKeys,
  signal: AbortSignal,
  onFetched: () => void = () => {},
): Promise<FetchedChunks> {
  const fetched: FetchedChunks = { files: new Map(), missing: new Set(), bytesRead: 0 };
  const failure = new AbortController();
  const stop = AbortSignal.any([signal, failure.signal]);
  const queue = chunks.values();
  const work = async () => {
    for (const chunk of queue) {
      if (stop.aborted) return;
      await fetchInto(fetched, chunk, fileOf(chunk), keys, stop);
      onFetched();
    }
  };
  const workers = Array.from({ length: CONCURRENCY }, () =>
    work().catch((error: unknown) => failure.abort(error)),
  );
  await Promise.all(workers);
  stop.throwIfAborted();
  return fetched;
}

async function fetchInto(
  fetched: FetchedChunks,
  chunk: Chunk,
  file: string,
  keys: ChunkKeys,
  signal: AbortSignal,
): Promise<void> {
  try {
    const bytesRead = await fetchChunk(chunk, file, keys, signal);
    fetched.bytesRead += bytesRead;
    fetched.files.set(chunk.index, file);
  } catch (error) {
    if (!(error instanceof PermanentError && error.code === 'CHUNK_NOT_FOUND')) throw error;
    fetched.missing.add(chunk.index);
  }
}

/** The error for a chunk that is needed and not there. */
export function chunkNotFound({ key }: Piece, cause?: unknown): PermanentError {
  return new PermanentError(
    'CHUNK_NOT_FOUND',
    `The chunk ${key} is in the playlist but not in the bucket: upload it and request the clip again.`,
    { cause },
  );
}

function rangeOf(window: Window, { range, encryption }: Piece): string {
  if ('last' in window) {
    if (!range) return `bytes=-${window.last}`;
    const length = Math.min(window.last, range.length);
    return bytesFrom(range.offset + range.length - length, length);
  }
  if ('start' in window) {
    return bytesFrom((range?.offset ?? 0) + window.start, window.end - window.start);
  }
  // Whole blocks only: the rest of the last one could not be decrypted.
  const wanted = encryption ? Math.ceil(window.first / BLOCK_BYTES) * BLOCK_BYTES : window.first;
  return bytesFrom(range?.offset ?? 0, Math.min(wanted, range?.length ?? wanted));
}

const bytesFrom = (offset: number, length: number): string =>
  `bytes=${offset}-${offset + length - 1}`;

async function open(
  piece: Piece,
  range: string | undefined,
  signal: AbortSignal,
): Promise<OpenedObject> {
  try {
    return await openObject(piece.key, signal, range);
  } catch (error) {
    if (isMissing(error)) throw chunkNotFound(piece, error);
    if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 416) {
      throw outsideObject(piece, error);
    }
    throw error;
  }
}

function outsideObject({ key, range }: Piece, cause?: unknown): PermanentError {
  const what = range
    ? `ends before the bytes ${range.offset}–${range.offset + range.length - 1} that the playlist lists`
    : 'is empty';
  return new PermanentError(
    'CHUNK_UNDECODABLE',
    `The chunk ${key} ${what}: package the episode again.`,
    { cause },
  );
}

async function save(
  piece: Piece,
  { body, sizeBytes }: OpenedObject,
  decipher: Decipher | undefined,
  file: string,
  signal: AbortSignal,
): Promise<number> {
  try {
    await pipeline(body, decipher ?? new PassThrough(), createWriteStream(file), { signal });
  } catch (error) {
    if (!isBadDecrypt(error)) throw error;
    throw new PermanentError(
      'CHUNK_UNDECODABLE',
      `The key ${piece.encryption?.keyKey} does not open the chunk ${piece.key}: upload the right one, or package the episode again.`,
      { cause: error },
    );
  }
  return sizeBytes;
}

/** Wrong padding, which a wrong key leaves, or no whole number of blocks. */
function isBadDecrypt(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && code.startsWith('ERR_OSSL');
}
