import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import path from 'node:path';
import { finished } from 'node:stream/promises';

/** One line of a function's log. `platform` lines are Lambda's own: START, END, REPORT. */
export interface LogEntry {
  functionName: string;
  /** Absent for lines written outside of an invocation, while the code loads. */
  requestId?: string;
  line: string;
  stream: 'stdout' | 'stderr' | 'platform';
}

/** `X-Amz-Log-Type: Tail` gives the last 4 KB. */
const TAIL_BYTES = 4096;

/** A function's log: a file to follow with `tail -f`, a listener, and the tail of each invocation. */
export class FunctionLog {
  readonly #file: WriteStream;
  readonly #tails = new Map<string, string>();

  constructor(
    directory: string,
    private readonly functionName: string,
    private readonly onLog: ((entry: LogEntry) => void) | undefined,
  ) {
    mkdirSync(directory, { recursive: true });
    this.#file = createWriteStream(path.join(directory, `${functionName}.log`), { flags: 'a' });
    // A full disk must not end the runner: the lines are lost, the work is not.
    this.#file.on('error', (error) => console.error(`Log of ${functionName}: ${error.message}`));
  }

  write(stream: LogEntry['stream'], line: string, requestId?: string): void {
    this.#file.write(`${line}\n`);
    const tail = requestId === undefined ? undefined : this.#tails.get(requestId);
    if (requestId !== undefined && tail !== undefined) {
      this.#tails.set(requestId, `${tail}${line}\n`.slice(-TAIL_BYTES));
    }
    this.onLog?.({
      functionName: this.functionName,
      ...(requestId === undefined ? {} : { requestId }),
      line,
      stream,
    });
  }

  beginTail(requestId: string): void {
    this.#tails.set(requestId, '');
  }

  /** @returns the end of what was written since `beginTail` */
  endTail(requestId: string): string {
    const tail = this.#tails.get(requestId) ?? '';
    this.#tails.delete(requestId);
    return Buffer.from(tail).subarray(-TAIL_BYTES).toString();
  }

  async close(): Promise<void> {
    this.#file.end();
    await finished(this.#file).catch(() => undefined);
  }
}
