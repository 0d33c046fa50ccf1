import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { type EnvironmentSettings, environmentVariables } from './environment-variables.ts';
import type { FunctionConfig } from './function-config.ts';
import { LineReader } from './line-reader.ts';
import { killGroup, type MemorySampler } from './process-group.ts';
import type { EnvironmentMessage, FunctionError, InvokeMessage } from './protocol.ts';

/** How one invocation ended. Exactly one of `resultJson` and `error` is there. */
export interface InvocationOutcome {
  status: 'success' | 'error' | 'timeout';
  resultJson?: string;
  error?: FunctionError;
}

export interface EnvironmentHost extends EnvironmentSettings {
  /** Holds the private `/tmp` of every environment. */
  tempRoot: string;
  memory: MemorySampler;
}

/** What ended a wait for the child: its message, its death, or one of the platform's limits. */
type WaitEnd =
  | { kind: 'message'; message: EnvironmentMessage }
  | { kind: 'exit'; reason: string }
  | { kind: 'timeout' }
  | { kind: 'out-of-memory' };

const BYTES_PER_MB = 1024 * 1024;
const BOOTSTRAP = path.join(import.meta.dirname, 'bootstrap.mjs');
/**
 * Lambda stops an init after 10 s and repeats it on the function's own time. One wait over both
 * limits comes to the same end.
 */
const INIT_LIMIT_MS = 10_000;
/** A grandchild that left the group may hold the pipes open after everything else is dead. */
const PIPE_CLOSE_LIMIT_MS = 1_000;
/** Lambda's own share: the rest is for buffers, code and stacks. */
const HEAP_SHARE = 0.9;

/**
 * One process group with a loaded handler. It serves one invocation at a time; once `alive` is
 * false it is useless and wholly dead, descendants included.
 */
export class ExecutionEnvironment {
  readonly logStreamName: string;
  /** Resolves when the process has ended and its output has been read. */
  readonly ended: Promise<string>;
  alive = true;
  maxMemoryBytes = 0;
  readonly #child: ChildProcess;
  readonly #readers: LineReader[];
  readonly #tempDir: string;
  #settleWait: ((end: WaitEnd) => void) | undefined;

  constructor(
    private readonly config: FunctionConfig,
    private readonly host: EnvironmentHost,
    onLine: (stream: 'stdout' | 'stderr', line: string) => void,
  ) {
    const id = randomBytes(16).toString('hex');
    const today = new Date().toISOString().slice(0, 10).replaceAll('-', '/');
    this.logStreamName = `${today}/[$LATEST]${id}`;
    this.#tempDir = path.join(host.tempRoot, id);
    mkdirSync(this.#tempDir, { recursive: true });
    const heapMb = Math.floor(config.memoryMb * HEAP_SHARE);
    // Detached makes the child the leader of a group of its own, which can be killed as a whole.
    this.#child = spawn(process.execPath, [`--max-old-space-size=${heapMb}`, BOOTSTRAP], {
      cwd: config.codeDir,
      detached: true,
      env: environmentVariables(config, host, this.#tempDir, this.logStreamName),
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#readers = [
      new LineReader(this.#child.stdout as Readable, (line) => onLine('stdout', line)),
      new LineReader(this.#child.stderr as Readable, (line) => onLine('stderr', line)),
    ];
    this.#child.on('message', (message) => {
      this.#settleWait?.({ kind: 'message', message: message as EnvironmentMessage });
    });
    this.ended = this.#watchEnd();
  }

  /** Waits until the handler is loaded. @returns the failure, after which the environment is dead */
  async init(): Promise<InvocationOutcome | undefined> {
    const limitMs = INIT_LIMIT_MS + this.config.timeoutSeconds * 1000;
    const end = await this.#wait(limitMs);
    if (end.kind === 'message' && end.message.kind === 'ready') return undefined;
    const outcome = this.#outcomeOf(end);
    await this.kill();
    return outcome;
  }

  /** Runs the handler once. Never throws: what went wrong is in the outcome. */
  async invoke(message: Omit<InvokeMessage, 'deadlineMs'>): Promise<InvocationOutcome> {
    const limitMs = this.config.timeoutSeconds * 1000;
    const ending = this.#wait(limitMs);
    const invoke: InvokeMessage = { ...message, deadlineMs: Date.now() + limitMs };
    // Without a callback, a channel that closes right now would be an unhandled error event.
    this.#child.send(invoke, () => undefined);
    const end = await ending;
    if (end.kind !== 'message' || (end.message.kind === 'error' && end.message.fatal)) {
      await this.kill();
    } else {
      await Promise.all(this.#readers.map((reader) => reader.drained(message.requestId)));
    }
    return this.#outcomeOf(end, message.requestId);
  }

  /** Kills the process group and waits for its end. Idempotent. */
  async kill(): Promise<void> {
    if (this.#child.pid !== undefined && this.alive) killGroup(this.#child.pid);
    await this.ended;
  }

  async #watchEnd(): Promise<string> {
    const reason = await exitReason(this.#child);
    if (this.#child.pid !== undefined) killGroup(this.#child.pid);
    this.alive = false;
    await Promise.race([
      channelsClosed(this.#child),
      delay(PIPE_CLOSE_LIMIT_MS, undefined, { ref: false }),
    ]);
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
    // Killed descendants may take a moment to let go; what stays is removed at the next start.
    await rm(this.#tempDir, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
    this.#settleWait?.({ kind: 'exit', reason });
    return reason;
  }

  /** Waits for the next thing that happens to the child, under the clock and the memory limit. */
  async #wait(limitMs: number): Promise<WaitEnd> {
    const pid = this.#child.pid;
    const ending = new Promise<WaitEnd>((resolve) => {
      this.#settleWait = resolve;
    });
    const timer = setTimeout(() => this.#settleWait?.({ kind: 'timeout' }), limitMs);
    const unwatch = pid === undefined ? undefined : this.host.memory.watch(pid, this.#onMemory);
    if (!this.alive) void this.ended.then((reason) => this.#settleWait?.({ kind: 'exit', reason }));
    const end = await ending;
    this.#settleWait = undefined;
    clearTimeout(timer);
    unwatch?.();
    if (end.kind === 'message' && end.message.kind !== 'ready')
      this.#onMemory(end.message.rssBytes);
    return end;
  }

  readonly #onMemory = (bytes: number): void => {
    this.maxMemoryBytes = Math.max(this.maxMemoryBytes, bytes);
    if (bytes > this.config.memoryMb * BYTES_PER_MB) this.#settleWait?.({ kind: 'out-of-memory' });
  };

  #outcomeOf(end: WaitEnd, requestId?: string): InvocationOutcome {
    const prefix = requestId === undefined ? '' : `RequestId: ${requestId} `;
    const failed = (errorType: string, text: string): InvocationOutcome => ({
      status: end.kind === 'timeout' ? 'timeout' : 'error',
      error: { errorType, errorMessage: `${prefix}Error: ${text}` },
    });
    switch (end.kind) {
      case 'timeout':
        return failed(
          'Sandbox.Timedout',
          `Task timed out after ${this.config.timeoutSeconds.toFixed(2)} seconds`,
        );
      case 'out-of-memory':
        return failed('Runtime.OutOfMemory', 'Runtime exited with error: signal: killed');
      case 'exit':
        return failed('Runtime.ExitError', end.reason);
      case 'message':
        if (end.message.kind === 'error') return { status: 'error', error: end.message.error };
        return {
          status: 'success',
          resultJson: end.message.kind === 'success' ? end.message.resultJson : 'null',
        };
    }
  }
}

/** The end of a process in the words of Lambda's `Runtime.ExitError`. */
function exitReason(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(`Runtime failed to start: ${error.message}`));
    child.once('exit', (code, signal) => {
      if (signal) resolve(`Runtime exited with error: signal: ${signal}`);
      else if (code === 0) resolve('Runtime exited without providing a reason');
      else resolve(`Runtime exited with error: exit status ${code}`);
    });
  });
}

/** A last message may still be in the IPC channel, and last lines in the pipes, after the exit. */
async function channelsClosed(child: ChildProcess): Promise<void> {
  await Promise.all([
    child.connected ? once(child, 'disconnect') : undefined,
    child.stdout?.closed ? undefined : once(child.stdout as Readable, 'close'),
    child.stderr?.closed ? undefined : once(child.stderr as Readable, 'close'),
  ]);
}
