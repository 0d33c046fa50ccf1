import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { PermanentError } from '#shared/errors';
import type { ChunkStore, Window } from '#shared/media/collect/chunk-store';
import type { Chunk, Piece } from '#shared/media/hls/media-playlist';
import { ChunkKeys } from '#shared/storage/chunk-keys';
import { fetchChunk, fetchChunks, fetchWindow } from '#shared/storage/chunks';
import { sizeOf } from '#shared/storage/objects';

/** So many chunks fit wherever anything fits: their sizes are not asked for before. */
const FEW_CHUNKS = 10;
const SAMPLED_CHUNKS = 8;

/** The chunks of one playlist in S3, brought to a folder. Each is read once. */
export class S3Chunks implements ChunkStore {
  bytesRead = 0;
  /** Wall time of all calls, in milliseconds. */
  fetchMs = 0;
  /** Told of every chunk that has come, how many of those being fetched there are now, from 0 to 1. */
  onFetched?: (share: number) => void;
  readonly #files = new Map<number, string>();
  readonly #inits = new Map<string, string>();
  readonly #keys = new ChunkKeys();
  #windows = 0;

  /** @param name tells the files of one playlist from those of another */
  constructor(
    private readonly folder: string,
    private readonly name: string,
    private readonly signal: AbortSignal,
  ) {}

  fetch(chunks: readonly Chunk[]): Promise<Map<number, string>> {
    return this.#timed(() => this.#fetch(chunks));
  }

  fetchInit(init: Piece): Promise<string> {
    return this.#timed(() => this.#fetchInit(init));
  }

  fetchWindow(chunk: Chunk, window: Window): Promise<string | undefined> {
    return this.#timed(() => this.#fetchWindow(chunk, window));
  }

  async #fetch(chunks: readonly Chunk[]): Promise<Map<number, string>> {
    const lacking = chunks.filter(({ index }) => !this.#files.has(index));
    if (lacking.length > FEW_CHUNKS) await assertRoom(lacking, this.folder, this.signal);
    const fileOf = ({ index }: Chunk) => join(this.folder, `${this.name}-${index}`);
    let count = 0;
    const tell = () => this.onFetched?.(++count / lacking.length);
    const fetched = await fetchChunks(lacking, fileOf, this.#keys, this.signal, tell);
    this.bytesRead += fetched.bytesRead;
    for (const [index, file] of fetched.files) this.#files.set(index, file);
    const there = chunks.filter(({ index }) => this.#files.has(index));
    return new Map(there.map(({ index }) => [index, this.#files.get(index)!]));
  }

  async #fetchInit(init: Piece): Promise<string> {
    const id = `${init.key}#${init.range?.offset ?? ''}`;
    const known = this.#inits.get(id);
    if (known) return known;
    const file = join(this.folder, `${this.name}-init-${this.#inits.size}`);
    this.bytesRead += await fetchChunk(init, file, this.#keys, this.signal);
    this.#inits.set(id, file);
    return file;
  }

  async #fetchWindow(chunk: Chunk, window: Window): Promise<string | undefined> {
    const whole = this.#files.get(chunk.index);
    if (whole) return whole;
    const file = join(this.folder, `${this.name}-window-${this.#windows++}`);
    const bytes = await fetchWindow(chunk, window, file, this.#keys, this.signal);
    this.bytesRead += bytes ?? 0;
    return bytes === undefined ? undefined : file;
  }

  async #timed<Result>(work: () => Promise<Result>): Promise<Result> {
    const startedAt = performance.now();
    try {
      return await work();
    } finally {
      this.fetchMs += performance.now() - startedAt;
    }
  }
}

/**
 * A segment takes up what is read for it and what is made of it, which is no more.
 * @throws PermanentError `DISK_TOO_SMALL`
 */
async function assertRoom(
  chunks: readonly Chunk[],
  folder: string,
  signal: AbortSignal,
): Promise<void> {
  const step = Math.ceil(chunks.length / SAMPLED_CHUNKS);
  const sampled = chunks.filter((_, n) => n % step === 0);
  const sizes = await Promise.all(
    sampled.map(({ key, range }) => range?.length ?? sizeOf(key, signal)),
  );
  const known = sizes.filter((size) => size !== undefined);
  const sampledBytes = known.reduce((sum, size) => sum + size, 0);
  const neededBytes = 2 * (sampledBytes / Math.max(1, known.length)) * chunks.length;
  const { bavail, bsize } = await statfs(folder);
  if (neededBytes <= bavail * bsize) return;
  const gigabytes = (bytes: number) => (bytes / 1e9).toFixed(1);
  throw new PermanentError(
    'DISK_TOO_SMALL',
    `The segment needs some ${gigabytes(neededBytes)} GB of temporary space, of which the function has ${gigabytes(bavail * bsize)} GB: ask for a shorter one, or raise ephemeralStorageSize.`,
  );
}
