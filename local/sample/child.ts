import { spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** How a child process ended, and what it said. */
export interface ChildResult {
  /** `null` when a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** What to hand to a child process besides its arguments. */
export interface ChildOptions {
  /** Byte streams the child reads from its descriptors 3, 4, …; see {@link feedUrl}. */
  readonly feeds?: readonly AsyncIterable<Uint8Array>[];
  /** Its working directory; a relative `command` is looked up from there. */
  readonly cwd?: string;
  /** Ends the child when aborted. */
  readonly signal?: AbortSignal;
}

const FIRST_FEED_DESCRIPTOR = 3;

/** The name under which ffmpeg opens the feed with this index. */
export function feedUrl(index: number): string {
  return `pipe:${FIRST_FEED_DESCRIPTOR + index}`;
}

/**
 * Runs a program to its end and keeps its output; a non-zero exit code is a result, not an error.
 * Feeds are written as fast as the child reads them, so they may be longer than memory.
 * @throws Error when the program cannot be started, the signal aborts, or a feed itself fails
 */
export async function runChild(
  command: string,
  args: readonly string[],
  { feeds = [], cwd, signal }: ChildOptions = {},
): Promise<ChildResult> {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe', ...feeds.map(() => 'pipe' as const)],
    cwd,
    signal,
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout!.on('data', (part: Buffer) => stdout.push(part));
  child.stderr!.on('data', (part: Buffer) => stderr.push(part));
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  const fed = feeds.map((feed, index) => {
    const pipe = child.stdio[FIRST_FEED_DESCRIPTOR + index] as Writable;
    // Node's extra pipes are sockets: one may report a reset after its feed is through.
    pipe.on('error', () => {});
    return pipeline(feed, pipe).catch((error: NodeJS.ErrnoException) => error);
  });
  const exitCode = await ended;
  for (const failure of await Promise.all(fed)) {
    // A child that has enough, or has died, closes its end; its exit code tells which.
    if (failure && !CHILD_CLOSED_ITS_END.has(failure.code ?? '')) throw failure;
  }
  return {
    exitCode,
    stdout: Buffer.concat(stdout),
    stderr: Buffer.concat(stderr).toString('utf8'),
  };
}

const CHILD_CLOSED_ITS_END = new Set(['EPIPE', 'ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE']);
