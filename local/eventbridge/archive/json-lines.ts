import { createReadStream } from 'node:fs';
import { appendFile, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';

/** A file of JSON values, one a line, that is only ever appended to. */
export class JsonLines<T> {
  readonly #file: string;
  #waiting: string[] = [];
  /** The write that will take what waits; undefined while nothing waits. */
  #nextWrite: Promise<void> | undefined;
  #lastWrite: Promise<void> = Promise.resolve();
  /** Ends a line that a crash or a full disk may have cut off. Readers pass over empty and broken lines. */
  #separator = '\n';

  constructor(file: string) {
    this.#file = file;
  }

  /** Resolves when the value is on the disk. Values that come while another write runs share the next one. */
  append(value: T): Promise<void> {
    this.#waiting.push(`${JSON.stringify(value)}\n`);
    this.#nextWrite ??= this.#enqueue(async () => {
      const text = this.#separator + this.#waiting.join('');
      this.#waiting = [];
      this.#nextWrite = undefined;
      this.#separator = '\n';
      await mkdir(dirname(this.#file), { recursive: true });
      await appendFile(this.#file, text, { flush: true });
      this.#separator = '';
    });
    return this.#nextWrite;
  }

  /** The values appended so far, oldest first. */
  async read(): Promise<T[]> {
    await this.#lastWrite;
    return this.#parse();
  }

  /** Drops all values that are not to be kept. */
  retain(isKept: (value: T) => boolean): Promise<void> {
    return this.#enqueue(async () => {
      const values = await this.#parse();
      const kept = values.filter(isKept);
      if (kept.length === values.length) return;
      const temporary = `${this.#file}.new`;
      await writeFile(temporary, kept.map((value) => `${JSON.stringify(value)}\n`).join(''), {
        flush: true,
      });
      await rename(temporary, this.#file);
    });
  }

  async sizeBytes(): Promise<number> {
    await this.#lastWrite;
    return (await stat(this.#file).catch(() => undefined))?.size ?? 0;
  }

  async remove(): Promise<void> {
    await this.#lastWrite;
    await rm(this.#file, { force: true });
  }

  #enqueue(write: () => Promise<void>): Promise<void> {
    const written = this.#lastWrite.then(write);
    // A failed write is for those who wait for it; the next one is tried all the same.
    this.#lastWrite = written.catch(() => undefined);
    return written;
  }

  async #parse(): Promise<T[]> {
    const values: T[] = [];
    const input = createReadStream(this.#file, 'utf8');
    try {
      for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
        const value = parseLine<T>(line);
        if (value !== undefined) values.push(value);
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    return values;
  }
}

function parseLine<T>(line: string): T | undefined {
  try {
    return JSON.parse(line) as T;
  } catch {
    return undefined;
  }
}
