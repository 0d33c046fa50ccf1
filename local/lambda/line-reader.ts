import type { Readable } from 'node:stream';
import { END_OF_OUTPUT } from './protocol.ts';

/** Without a line break by then, the text is passed on as it is: memory stays bounded. */
const MAX_LINE_LENGTH = 256 * 1024;

/** Drains a child's pipe, so that the child never blocks on it, and passes it on line by line. */
export class LineReader {
  #partial = '';
  #closed = false;
  readonly #endsSeen = new Set<string>();
  readonly #waiting = new Map<string, () => void>();

  constructor(
    stream: Readable,
    private readonly onLine: (line: string) => void,
  ) {
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => this.#accept(text));
    stream.on('close', () => this.#close());
  }

  /** Resolves when all output of this invocation has been passed on, or the pipe is closed. */
  drained(requestId: string): Promise<void> {
    if (this.#closed || this.#endsSeen.delete(requestId)) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.set(requestId, resolve));
  }

  #accept(text: string): void {
    const lines = (this.#partial + text).split('\n');
    this.#partial = lines.pop() ?? '';
    for (const line of lines) this.#acceptLine(line);
    if (this.#partial.length > MAX_LINE_LENGTH) this.#flush();
  }

  #acceptLine(line: string): void {
    // The marker may follow output that had no line break of its own.
    const at = line.lastIndexOf(END_OF_OUTPUT);
    if (at < 0) {
      this.onLine(line);
      return;
    }
    if (at > 0) this.onLine(line.slice(0, at));
    const requestId = line.slice(at + END_OF_OUTPUT.length);
    const resolve = this.#waiting.get(requestId);
    this.#waiting.delete(requestId);
    if (resolve) resolve();
    else this.#endsSeen.add(requestId);
  }

  #close(): void {
    this.#closed = true;
    this.#flush();
    for (const resolve of this.#waiting.values()) resolve();
    this.#waiting.clear();
  }

  #flush(): void {
    if (this.#partial !== '') this.onLine(this.#partial);
    this.#partial = '';
  }
}
