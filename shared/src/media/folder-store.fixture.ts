import { open, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ChunkStore, Window } from './collect/chunk-store.ts';
import { chunkNotThere } from './collect/collect-errors.ts';
import type { Chunk, Piece } from './hls/media-playlist.ts';

/** The folder that playlists of tests are read for: their chunks have keys below it. */
export const KEY_FOLDER = 'x/';

/** Stands in for S3: an episode that lies in a folder. As there, what was read once is not read again. */
export class FolderStore implements ChunkStore {
  bytesRead = 0;
  readonly #files = new Map<string, string>();
  #pieces = 0;

  /**
   * @param into where pieces of chunks go
   * @param name tells the files of one playlist from those of another
   */
  constructor(
    private readonly playlistPath: string,
    private readonly into: string,
    private readonly name = 'picture',
  ) {}

  async fetch(chunks: readonly Chunk[]): Promise<Map<number, string>> {
    const files = new Map<number, string>();
    for (const chunk of chunks) {
      if (await this.#isThere(chunk)) files.set(chunk.index, await this.#fetchPiece(chunk));
    }
    return files;
  }

  fetchInit(init: Piece): Promise<string> {
    return this.#fetchPiece(init);
  }

  async fetchWindow(chunk: Chunk, window: Window): Promise<string> {
    const whole = this.#files.get(idOf(chunk));
    if (whole) return whole;
    if (!(await this.#isThere(chunk))) throw chunkNotThere(chunk);
    const { offset, length } = await this.#extentOf(chunk);
    if ('start' in window) {
      return this.#read(chunk, offset + window.start, window.end - window.start);
    }
    const bytes = Math.min(length, 'first' in window ? window.first : window.last);
    return this.#read(chunk, 'first' in window ? offset : offset + length - bytes, bytes);
  }

  /** Whole files are used where they lie. */
  async #fetchPiece(piece: Piece): Promise<string> {
    const known = this.#files.get(idOf(piece));
    if (known) return known;
    const { offset, length } = await this.#extentOf(piece);
    const file = piece.range ? await this.#read(piece, offset, length) : this.#path(piece);
    if (!piece.range) this.bytesRead += length;
    this.#files.set(idOf(piece), file);
    return file;
  }

  async #read(piece: Piece, offset: number, length: number): Promise<string> {
    const handle = await open(this.#path(piece), 'r');
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, offset);
      const file = join(this.into, `${this.name}-piece-${this.#pieces++}`);
      await writeFile(file, buffer.subarray(0, bytesRead));
      this.bytesRead += bytesRead;
      return file;
    } finally {
      await handle.close();
    }
  }

  async #extentOf(piece: Piece): Promise<{ offset: number; length: number }> {
    return piece.range ?? { offset: 0, length: (await stat(this.#path(piece))).size };
  }

  #isThere(piece: Piece): Promise<boolean> {
    return stat(this.#path(piece)).then(
      () => true,
      () => false,
    );
  }

  #path({ key }: Piece): string {
    return join(dirname(this.playlistPath), key.slice(KEY_FOLDER.length));
  }
}

const idOf = ({ key, range }: Piece) => `${key}@${range?.offset ?? 0}`;
