import { type FileHandle, open } from 'node:fs/promises';

/** What is collected before it is written: a write for every picture takes longer than the pictures. */
const BUFFER_BYTES = 2 << 20;

/** Writes a file from its beginning to its end, in large pieces, while the next one is collected. */
export class MediaWriter {
  readonly #file: FileHandle;
  #collecting = Buffer.allocUnsafe(BUFFER_BYTES);
  #collected = 0;
  #spare = Buffer.allocUnsafe(BUFFER_BYTES);
  #writing: Promise<void> = Promise.resolve();
  #handedOver = 0;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Close it at the end. */
  static async create(path: string): Promise<MediaWriter> {
    return new MediaWriter(await open(path, 'w'));
  }

  /** How many bytes the file has; there, what comes next begins. */
  get position(): number {
    return this.#handedOver + this.#collected;
  }

  /** The bytes may be used anew as soon as it resolves. */
  async write(bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      if (this.#collected === BUFFER_BYTES) await this.#handOver();
      const copied = bytes.copy(this.#collecting, this.#collected, at);
      this.#collected += copied;
      at += copied;
    }
  }

  /** Writes over what was written before. */
  async overwrite(position: number, bytes: Buffer): Promise<void> {
    await this.#handOver();
    await this.#writing;
    await this.#put(bytes, position);
  }

  /** What was collected and not overwritten is not written any more: a whole file has got its header last. */
  async close(): Promise<void> {
    await Promise.allSettled([this.#writing]);
    await this.#file.close();
  }

  async #handOver(): Promise<void> {
    await this.#writing;
    const full = this.#collecting.subarray(0, this.#collected);
    this.#writing = this.#put(full, this.#handedOver);
    // Whoever writes next is told.
    this.#writing.catch(() => {});
    this.#handedOver += full.length;
    [this.#collecting, this.#spare] = [this.#spare, this.#collecting];
    this.#collected = 0;
  }

  async #put(bytes: Buffer, position: number): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const { bytesWritten } = await this.#file.write(bytes, at, bytes.length - at, position + at);
      at += bytesWritten;
    }
  }
}
