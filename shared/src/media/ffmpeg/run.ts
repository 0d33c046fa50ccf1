import { spawn } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { PassThrough, Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { PermanentError, TransientError } from '../../errors.ts';

/** The last lines say what went wrong; the first only repeat the version. */
const KEPT_STDERR_BYTES = 8 * 1024;
const REPORTED_LINES = 4;

/** The system's words, which FFmpeg repeats; its exit code tells nothing. */
const DISK_FULL = 'No space left on device';

/** How others end a process; a crash of its own has other signals, and comes again with the same input. */
const KILLS: readonly (string | number)[] = ['SIGKILL', 'SIGTERM'];

/** What is to be told while a tool runs. */
export interface Listener {
  /** How many pictures of its first output are written. */
  onFrames?: (count: number) => void;
}

export interface Finished {
  stdout: string;
  /** Wall time of the process in milliseconds. */
  elapsedMs: number;
}

/** A media tool that ended with an error. The message is the tool's own last lines. */
export class MediaToolError extends Error {
  override readonly name = 'MediaToolError';
  constructor(
    readonly tool: string,
    readonly exit: string,
    readonly lastLines: string,
  ) {
    super(`${tool} ended with ${exit}: ${lastLines || 'it said nothing'}`);
  }
}

/** What is thrown when the signal fired. */
export const stopped = () => new TransientError('ABORTED', 'The media work was stopped.');

/** Where the tools are; on Lambda the layer's, locally as `media/tools.ts` finds them. */
export const ffmpegPath = () => process.env.FFMPEG_PATH || 'ffmpeg';
export const ffprobePath = () => process.env.FFPROBE_PATH || 'ffprobe';

/**
 * Runs FFmpeg. Its inputs open local files and feeds only, whatever a playlist or a container says.
 * @param feeds byte streams that it reads; `inputFeed` names them
 * @throws MediaToolError, or TransientError `ABORTED` when the signal fired
 */
export function ffmpeg(
  args: readonly string[],
  signal?: AbortSignal,
  feeds: readonly AsyncIterable<Buffer>[] = [],
  { onFrames }: Listener = {},
): Promise<Finished> {
  const progress = onFrames ? ['-stats_period', '1', '-progress', 'pipe:1'] : [];
  const all = ['-hide_banner', '-nostdin', '-v', 'error', '-y', ...progress, ...args];
  return run(ffmpegPath(), all, signal, feeds, onFrames && framesIn(onFrames));
}

/** Reads what `-progress` writes: lines of `name=value`. */
function framesIn(tell: (count: number) => void): Writable {
  let line = '';
  return new Writable({
    write(bytes: Buffer, _encoding, done) {
      const lines = (line + bytes.toString('latin1')).split('\n');
      line = lines.pop()!;
      const count = lines.findLast((one) => one.startsWith('frame='))?.slice('frame='.length);
      if (count !== undefined) tell(Number(count));
      done();
    },
  });
}

/**
 * Runs FFmpeg and hands on what it writes to `pipe:1`, as it comes. Whoever stops reading ends it.
 * @throws as {@link ffmpeg}, where the output would have gone on
 */
export async function* ffmpegOutput(
  args: readonly string[],
  signal?: AbortSignal,
): AsyncGenerator<Buffer> {
  const output = new PassThrough();
  const unread = new AbortController();
  const stop = signal ? AbortSignal.any([signal, unread.signal]) : unread.signal;
  const all = ['-hide_banner', '-nostdin', '-v', 'error', ...args];
  run(ffmpegPath(), all, stop, [], output).then(
    () => output.end(),
    (error: Error) => output.destroy(error),
  );
  try {
    yield* output;
  } finally {
    unread.abort();
  }
}

/** Feeds come after standard input, output and error. */
const FIRST_FEED = 3;

/**
 * Of each input, FFmpeg 5.1 holds 8 packets by default; where there are several, it sleeps 10 ms whenever one
 * of them has none. With the default, joining 3 minutes took 6.3 s, of which it slept 4.
 */
const QUEUED_PACKETS = 1024;

/** Input options of the n-th feed. */
export function inputFeed(n: number, format: string): string[] {
  return [
    ...['-thread_queue_size', String(QUEUED_PACKETS), '-protocol_whitelist', 'pipe'],
    ...['-f', format, '-i', `pipe:${FIRST_FEED + n}`],
  ];
}

/** @throws MediaToolError, or TransientError `ABORTED` when the signal fired */
export function ffprobe(args: readonly string[], signal?: AbortSignal): Promise<Finished> {
  return run(ffprobePath(), ['-hide_banner', '-v', 'error', ...args], signal);
}

/** Input options of a file of ours, in the format that we have written. */
export function inputFile(file: string, format: string): string[] {
  return ['-protocol_whitelist', 'file', '-f', format, '-i', `file:${file}`];
}

/**
 * Lets every input open files only, unless its own options already say what it may open. The whitelist is
 * an option of one input and not of the command, so the next input needs another.
 */
function confined(args: readonly string[]): string[] {
  let isConfined = false;
  return args.flatMap((arg) => {
    if (arg === '-protocol_whitelist') isConfined = true;
    if (arg !== '-i') return [arg];
    const options = isConfined ? [arg] : ['-protocol_whitelist', 'file', arg];
    isConfined = false;
    return options;
  });
}

async function run(
  tool: string,
  args: readonly string[],
  signal?: AbortSignal,
  feeds: readonly AsyncIterable<Buffer>[] = [],
  output?: Writable,
): Promise<Finished> {
  const startedAt = performance.now();
  const child = spawn(tool, confined(args), {
    stdio: ['ignore', 'pipe', 'pipe', ...feeds.map(() => 'pipe' as const)],
  });
  // SIGKILL: a decoder that hangs does not listen, and there is nothing of it worth keeping.
  const kill = () => child.kill('SIGKILL');
  signal?.addEventListener('abort', kill, { once: true });
  if (signal?.aborted) kill();
  const stdout: Buffer[] = [];
  let stderr = '';
  if (output) child.stdout!.pipe(output, { end: false });
  else child.stdout!.on('data', (part: Buffer) => stdout.push(part));
  child.stderr!.on('data', (part: Buffer) => {
    stderr = (stderr + part.toString('utf8')).slice(-KEPT_STDERR_BYTES);
  });
  const exited = new Promise<string | number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signalName) => resolve(code ?? signalName ?? 'unknown'));
  });
  try {
    const feeding = feeds.map((bytes, n) =>
      feed(child.stdio[FIRST_FEED + n] as Writable, bytes, kill),
    );
    const [exit, ...feedErrors] = await Promise.all([exited, ...feeding]);
    const feedError = feedErrors.find((error) => error !== undefined);
    if (feedError) throw feedError;
    if (signal?.aborted) throw stopped();
    if (KILLS.includes(exit)) {
      throw new TransientError(
        'MEDIA_FAILED',
        `${nameOf(tool)} was killed (${exit}), as happens when memory runs out.`,
      );
    }
    if (stderr.includes(DISK_FULL)) {
      throw Object.assign(new Error(`${nameOf(tool)}: ${DISK_FULL}`), { code: 'ENOSPC' });
    }
    if (exit !== 0) {
      const how = typeof exit === 'number' ? `exit code ${exit}` : exit;
      throw new MediaToolError(nameOf(tool), how, lastLines(stderr));
    }
    return {
      stdout: Buffer.concat(stdout).toString('utf8'),
      elapsedMs: Math.round(performance.now() - startedAt),
    };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new PermanentError(
        'MEDIA_FAILED',
        `${nameOf(tool)} is not installed where FFMPEG_PATH/FFPROBE_PATH or PATH point: install FFmpeg 5.1 or newer.`,
        { cause: error },
      );
    }
    throw error;
  } finally {
    signal?.removeEventListener('abort', kill);
  }
}

/** @returns what went wrong with the input itself; a tool that stops reading tells why by its exit */
async function feed(
  pipe: Writable,
  bytes: AsyncIterable<Buffer>,
  kill: () => void,
): Promise<Error | undefined> {
  // Node's extra pipes are sockets: one may report a reset after its feed is through.
  pipe.on('error', () => {});
  try {
    await pipeline(Readable.from(bytes), pipe);
    return undefined;
  } catch (error) {
    const isToolGone = ['EPIPE', 'ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE'].includes(
      (error as NodeJS.ErrnoException).code ?? '',
    );
    if (isToolGone) return undefined;
    kill();
    return error as Error;
  }
}

const nameOf = (tool: string) => tool.split('/').pop() ?? tool;

/** A path, with the names of protocols that FFmpeg puts before it, up to the name of the file. */
const FOLDERS = /(?:\b[a-z]+:)*(?:\/[^\s/:'"|]+)+\/(?=[^\s/:'"|]+)/g;

/**
 * What a tool said, for people. Addresses like `[h264 @ 0x55d…]` change on every run and would make equal errors look
 * different; where files lie on this machine is nobody's business.
 */
export function lastLines(stderr: string): string {
  return stderr
    .replaceAll(/ @ 0x[0-9a-f]+/g, '')
    .replaceAll(FOLDERS, '')
    .trim()
    .split('\n')
    .slice(-REPORTED_LINES)
    .join(' | ');
}
