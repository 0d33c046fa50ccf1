import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { cpuMsBetween, memoryOf, readTree, resetPeaks } from './process-tree.ts';

/** Short against every process that matters, long against what a look takes. */
const SAMPLE_INTERVAL_MS = 20;

/** What the machine spent on a piece of work. */
export interface Spent {
  /** User and system time of the worker and of all that it started. */
  cpuMs: number;
  /** Peak of the resident memory of all Node.js processes. */
  nodePeakBytes: number;
  /** The same with FFmpeg's processes. */
  allPeakBytes: number;
}

/** What a worker sends: first that it is ready, then an answer to each task. */
export type WorkerMessage<Result> =
  | { kind: 'ready' }
  | { kind: 'done'; result: Result }
  | { kind: 'failed'; error: string };

export interface WorkerOptions {
  /** Whether its own share is not to count: it only starts the programs that are measured. */
  isLauncher?: boolean;
  env?: Readonly<Record<string, string>>;
  /** Called with every sample while a task is being done. */
  onSample?: () => void;
}

/** A process of its own in which tasks are done one at a time, so that what they take is theirs. */
export class MeasuredWorker<Task, Result> {
  private constructor(
    private readonly child: ChildProcess,
    private readonly options: WorkerOptions,
  ) {}

  /**
   * Starts a worker and waits until it has loaded and set up what is not to be measured.
   * @param module a script that calls `serveTasks`
   */
  static async start<Task, Result>(
    module: URL,
    args: readonly string[] = [],
    options: WorkerOptions = {},
  ): Promise<MeasuredWorker<Task, Result>> {
    const child = fork(module, args, {
      execArgv: ['--expose-gc', '--import', 'tsx'],
      env: { ...process.env, ...options.env },
    });
    const worker = new MeasuredWorker<Task, Result>(child, options);
    await worker.#message();
    return worker;
  }

  /** @throws Error with what went wrong in the worker */
  async perform(task: Task): Promise<Spent & { result: Result }> {
    const pid = this.child.pid!;
    const launcherPid = this.options.isLauncher ? pid : undefined;
    const before = readTree(pid);
    resetPeaks(before);
    let [nodePeakBytes, allPeakBytes] = [0, 0];
    const look = () => {
      const { nodeBytes, allBytes } = memoryOf(readTree(pid), launcherPid);
      nodePeakBytes = Math.max(nodePeakBytes, nodeBytes);
      allPeakBytes = Math.max(allPeakBytes, allBytes);
      this.options.onSample?.();
    };
    const timer = setInterval(look, SAMPLE_INTERVAL_MS);
    try {
      this.child.send(task as object);
      const message = await this.#message();
      look();
      if (message.kind !== 'done') throw new Error('The worker has not answered.');
      const cpuMs = cpuMsBetween(before, readTree(pid), launcherPid);
      return { result: message.result, cpuMs, nodePeakBytes, allPeakBytes };
    } finally {
      clearInterval(timer);
    }
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const exited = once(this.child, 'exit');
    this.child.disconnect();
    await exited;
  }

  async #message(): Promise<WorkerMessage<Result>> {
    const ending = new AbortController();
    const { signal } = ending;
    try {
      const message = await Promise.race([
        once(this.child, 'message', { signal }).then(([sent]) => sent as WorkerMessage<Result>),
        once(this.child, 'exit', { signal }).then(([code, name]) => {
          throw new Error(`A worker ended early, with ${code ?? name}.`);
        }),
      ]);
      if (message.kind === 'failed') throw new Error(message.error);
      return message;
    } finally {
      ending.abort();
    }
  }
}
