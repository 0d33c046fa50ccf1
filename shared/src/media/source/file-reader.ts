import { type FileHandle, open } from 'node:fs/promises';
import { readFully } from './read-fully.ts';

/** So many files stay open: pictures are read in order, and sound from beside them. */
const MAX_OPEN = 4;

/** Reads pieces of files. */
export interface ByteReader {
  /** @returns the bytes [start, end) of a file; fewer where it ends before */
  read(file: string, start: number, end: number): Promise<Buffer>;
}

/** Reads pieces of files that are read in order, mostly: it keeps the last few open. Close it at the end. */
export class FileReader implements ByteReader {
  readonly #open = new Map<string, FileHandle>();

  async read(file: string, start: number, end: number): Promise<Buffer> {
    const handle = this.#open.get(file) ?? (await this.#openFile(file));
    return readFully(handle, Buffer.allocUnsafe(end - start), start);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.values()].map((handle) => handle.close()));
    this.#open.clear();
  }

  async #openFile(file: string): Promise<FileHandle> {
    if (this.#open.size >= MAX_OPEN) {
      const [oldest, handle] = this.#open.entries().next().value!;
      this.#open.delete(oldest);
      await handle.close();
    }
    const handle = await open(file, 'r');
    this.#open.set(file, handle);
    return handle;
  }
}
