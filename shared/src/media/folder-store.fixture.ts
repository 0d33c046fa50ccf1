import { open, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ChunkStore, Window } from './collect/chunk-store.ts';
import type { Chunk, Piece } from './hls/media-playlist.ts';

/** The folder that playlists of tests are read for: their chunks have keys below it. */
export const KEY_FOLDER = 'x/';

/** Stands in for S3: an episode that lies in a folder. */
export class FolderStore implements ChunkStore {
  bytesRead = 0;
  readonly #counted = new Set<string>();
  #windows = 0;

  /** @param into where pieces of chunks go */
  constructor(
    private readonly playlistPath: string,
    private readonly into: string,
  ) {}

  async fetch(chunks: readonly Chunk[]): Promise<Map<number, string>> {
    const files = new Map<number, string>();
    for (const chunk of chunks) {
      const file = await this.#file(chunk).catch(() => undefined);
      if (file) files.set(chunk.index, file);
    }
    return files;
  }

  fetchInit(init: Piece): Promise<string> {
    return this.#file(init);
  }

  async fetchWindow(chunk: Chunk, window: Window): Promise<string> {
    const handle = await open(this.#path(chunk), 'r');
    try {
      const { size } = await handle.stat();
      const bytes = Math.min(size, 'first' in window ? window.first : window.last);
      const from = 'first' in window ? 0 : size - bytes;
      const { buffer } = await handle.read(Buffer.alloc(bytes), 0, bytes, from);
      const file = join(this.into, `window-${this.#windows++}`);
      await writeFile(file, buffer);
      this.bytesRead += bytes;
      return file;
    } finally {
      await handle.close();
    }
  }

  #path({ key }: Piece): string {
    return join(dirname(this.playlistPath), key.slice(KEY_FOLDER.length));
  }

  /** Whole files are used where they lie. */
  async #file(piece: Piece): Promise<string> {
    const path = this.#path(piece);
    const { size } = await stat(path);
    if (!this.#counted.has(path)) this.bytesRead += size;
    this.#counted.add(path);
    return path;
  }
}
