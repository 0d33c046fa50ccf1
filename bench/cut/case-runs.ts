import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { BenchEpisode } from '../episodes/bench-episode.ts';
import { MeasuredWorker } from '../measure/measured-worker.ts';
import { type CutCase, methodsOf, runsOf, spansOf } from './cases.ts';
import { type CaseResult, type CutRun, mediansOf } from './cut-results.ts';
import type { CutOutcome, CutTask, MethodName, Span } from './cut-task.ts';
import { type ClipErrors, lookAtClip } from './look-at-clip.ts';

/** What takes so long is done once: the noise of a machine is no share of it. */
const LONG_RUN_MS = 25_000;

type Worker = MeasuredWorker<CutTask, CutOutcome>;

/** Starts the embedded stack with these episodes in it. It serves all cases. */
export function startPipeline(episodes: ReadonlySet<BenchEpisode>): Promise<Worker> {
  const playlistPaths = [...episodes].map(({ playlistPath }) => playlistPath);
  return MeasuredWorker.start(new URL('pipeline-worker.ts', import.meta.url), playlistPaths);
}

/** One clip, as every method makes it. */
export class CaseRuns {
  readonly #runs = new Map<MethodName, CutRun[]>();
  readonly #errors = new Map<MethodName, ClipErrors>();
  /** What was found, by the clip's hash: methods may come to the same file. */
  readonly #known = new Map<string, ClipErrors>();
  /** In the short episode, whose numbers the frames of both bear. */
  readonly #spans: readonly Span[];

  constructor(
    private readonly cutCase: CutCase,
    private readonly episode: BenchEpisode,
    private readonly pipeline: Worker,
  ) {
    this.#spans = spansOf(cutCase);
  }

  /**
   * Has every method make the clip once more, unless it has been made often enough.
   * @param n number of the round, from 0
   * @param runs how many rounds there are
   */
  async round(n: number, runs: number): Promise<void> {
    if (n >= runsOf(this.cutCase, runs)) return;
    const methods = methodsOf(this.cutCase);
    // Not measured: whoever comes first would read from the disk what the others find in memory.
    if (n === 0) await this.#make('ffmpegCopy');
    // Whoever comes first finds the machine as the last one left it: turns are taken.
    for (const method of n % 2 === 0 ? methods : methods.toReversed()) {
      const before = this.#runs.get(method) ?? [];
      if (before.some(({ wallMs }) => wallMs > LONG_RUN_MS)) continue;
      this.#runs.set(method, [...before, await this.#make(method)]);
    }
  }

  get result(): CaseResult {
    const rows = methodsOf(this.cutCase).map((method) => {
      const made = this.#runs.get(method)!;
      return { method, runs: made.length, ...mediansOf(made), errors: this.#errors.get(method)! };
    });
    return { case: this.cutCase, rows };
  }

  async #make(method: MethodName): Promise<CutRun> {
    const folder = await mkdtemp(join(tmpdir(), 'splicebus-bench-clip-'));
    const { playlistPath, offsetSeconds } = this.episode;
    const spans = this.#spans.map(([startMs, endMs]): Span => {
      return [startMs + offsetSeconds * 1000, endMs + offsetSeconds * 1000];
    });
    const worker = method === 'pipeline' ? this.pipeline : await startCutter(method);
    try {
      const { result, ...spent } = await worker.perform({ method, playlistPath, spans, folder });
      const { clipPath, ...outcome } = result;
      if (!this.#errors.has(method)) this.#errors.set(method, await this.#look(clipPath, method));
      return { ...spent, ...outcome };
    } finally {
      if (worker !== this.pipeline) await worker.stop();
      await rm(folder, { recursive: true, force: true });
    }
  }

  async #look(clipPath: string, method: MethodName): Promise<ClipErrors> {
    const hash = createHash('sha256');
    await pipeline(createReadStream(clipPath), hash);
    const id = hash.digest('hex');
    const found = this.#known.get(id) ?? (await lookAtClip(clipPath, method, this.#spans));
    this.#known.set(id, found);
    return found;
  }
}

const startCutter = (method: MethodName): Promise<Worker> =>
  MeasuredWorker.start(new URL('cut-worker.ts', import.meta.url), [], {
    isLauncher: method.startsWith('ffmpeg'),
  });
