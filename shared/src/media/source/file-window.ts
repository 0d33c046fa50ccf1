import { stat } from 'node:fs/promises';
import type { FileReader } from './file-reader.ts';

/** Looks at places of one file, in ascending order mostly: what was read around the last one is at hand. */
export class FileWindow {
  readonly #reader: FileReader;
  readonly #file: string;
  readonly #blockBytes: number;
  #block: Buffer = Buffer.alloc(0);
  #blockAt = 0;

  private constructor(
    reader: FileReader,
    file: string,
    /** How many bytes the file has. */
    readonly size: number,
    blockBytes: number,
  ) {
    this.#reader = reader;
    this.#file = file;
    this.#blockBytes = blockBytes;
  }

  /** @param blockBytes read so much at once, at least */
  static async open(reader: FileReader, file: string, blockBytes: number): Promise<FileWindow> {
    return new FileWindow(reader, file, (await stat(file)).size, blockBytes);
  }

  /** @returns a view of the bytes [at, at + length); fewer where the file ends before */
  async bytes(at: number, length: number): Promise<Buffer> {
    const isInside = at >= this.#blockAt && at + length <= this.#blockAt + this.#block.length;
    if (!isInside) {
      const end = Math.min(this.size, at + Math.max(length, this.#blockBytes));
      this.#block = await this.#reader.read(this.#file, at, Math.max(at, end));
      this.#blockAt = at;
    }
    const from = at - this.#blockAt;
    return this.#block.subarray(from, from + length);
  }
}
