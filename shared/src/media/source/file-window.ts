import { stat } from 'node:fs/promises';
import type { FileReader } from './file-reader.ts';
import type { RangedObject } from './ranged-object.ts';

/** Looks at places of one file or object, in ascending order mostly: what was read around the last one is at hand. */
export class FileWindow {
  readonly #read: RangedObject['read'];
  readonly #blockBytes: number;
  #block: Buffer = Buffer.alloc(0);
  #blockAt = 0;

  private constructor(
    read: RangedObject['read'],
    /** How many bytes the file has. */
    readonly size: number,
    blockBytes: number,
  ) {
    this.#read = read;
    this.#blockBytes = blockBytes;
  }

  /** @param blockBytes read so much at once, at least */
  static async open(reader: FileReader, file: string, blockBytes: number): Promise<FileWindow> {
    const read = (start: number, end: number) => reader.read(file, start, end);
    return new FileWindow(read, (await stat(file)).size, blockBytes);
  }

  /** @param blockBytes as for a file */
  static over(object: RangedObject, blockBytes: number): FileWindow {
    return new FileWindow((start, end) => object.read(start, end), object.size, blockBytes);
  }

  /** @returns a view of the bytes [at, at + length); fewer where the file ends before */
  async bytes(at: number, length: number): Promise<Buffer> {
    const isInside = at >= this.#blockAt && at + length <= this.#blockAt + this.#block.length;
    if (!isInside) {
      const end = Math.min(this.size, at + Math.max(length, this.#blockBytes));
      this.#block = end > at ? await this.#read(at, end) : Buffer.alloc(0);
      this.#blockAt = at;
    }
    const from = at - this.#blockAt;
    return this.#block.subarray(from, from + length);
  }
}
