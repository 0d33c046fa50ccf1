import { type FileHandle, open } from 'node:fs/promises';
import type { ByteReader } from './file-reader.ts';
import { readFully } from './read-fully.ts';

/** What is read of a file at once. */
const BLOCK_BYTES = 2 << 20;

interface Block {
  file: string;
  start: number;
  /** Shorter at the end of the file. */
  bytes: Promise<Buffer>;
}

/**
 * Reads pieces of files one after the other, and reads on meanwhile: pays where nearly all of a file is read.
 * What it returns is the reader's own and holds until the next call. Close it at the end.
 */
export class ReadAhead implements ByteReader {
  #open?: { file: string; handle: FileHandle };
  /** Taken in turn: one is looked at while the other is filled. */
  readonly #buffers = [Buffer.allocUnsafe(BLOCK_BYTES), Buffer.allocUnsafe(BLOCK_BYTES)];
  #current?: Block;
  #next?: Block;

  async read(file: string, start: number, end: number): Promise<Buffer> {
    const { block, bytes } = await this.#blockAt(file, start);
    const from = start - block.start;
    if (from + end - start <= bytes.length || bytes.length < BLOCK_BYTES) {
      return bytes.subarray(from, from + end - start);
    }
    // It goes on in the next block, or in several.
    const parts = [Buffer.from(bytes.subarray(from))];
    for (let at = block.start + BLOCK_BYTES; at < end; at += BLOCK_BYTES) {
      const next = await this.#blockAt(file, at);
      parts.push(Buffer.from(next.bytes.subarray(0, end - at)));
      if (next.bytes.length < BLOCK_BYTES) break;
    }
    return Buffer.concat(parts);
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.#current?.bytes, this.#next?.bytes]);
    await this.#open?.handle.close();
  }

  async #blockAt(file: string, at: number): Promise<{ block: Block; bytes: Buffer }> {
    if (this.#next && holds(this.#next, file, at)) this.#current = this.#next;
    const block =
      this.#current && holds(this.#current, file, at)
        ? this.#current
        : await this.#startAt(file, at);
    this.#current = block;
    const bytes = await block.bytes;
    const following = block.start + BLOCK_BYTES;
    const isLast = bytes.length < BLOCK_BYTES;
    if (!isLast && (!this.#next || this.#next === block)) this.#next = this.#fill(file, following);
    return { block, bytes };
  }

  /** Another file, or another place. */
  async #startAt(file: string, at: number): Promise<Block> {
    await Promise.allSettled([this.#current?.bytes, this.#next?.bytes]);
    if (this.#open?.file !== file) {
      await this.#open?.handle.close();
      this.#open = { file, handle: await open(file, 'r') };
    }
    this.#next = undefined;
    return this.#fill(file, at);
  }

  #fill(file: string, start: number): Block {
    const buffer = this.#buffers.shift()!;
    this.#buffers.push(buffer);
    const bytes = readFully(this.#open!.handle, buffer, start);
    // Whoever needs it is told; what was read ahead may not be needed.
    bytes.catch(() => {});
    return { file, start, bytes };
  }
}

const holds = (block: Block, file: string, at: number) =>
  block.file === file && at >= block.start && at < block.start + BLOCK_BYTES;
