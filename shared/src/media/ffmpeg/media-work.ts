import { performance } from 'node:perf_hooks';
import { type Finished, ffmpeg, ffmpegOutput, ffprobe } from './run.ts';

/** One piece of media work: where its files go, what stops it, and what its processes took. */
export class MediaWork {
  /** How many processes were started. */
  processes = 0;
  /** Wall time inside them, in milliseconds; of those that ran side by side, the sum. */
  ffmpegMs = 0;
  /** Told, about once a second, how much of the pictures that a process makes is made, from 0 to 1. */
  onEncoded?: (share: number) => void;

  /** @param folder existing, and the work's own */
  constructor(
    readonly folder: string,
    readonly signal: AbortSignal,
  ) {}

  /**
   * @param frameCount how many pictures the first output will have, for {@link onEncoded}
   * @throws MediaToolError, or TransientError `ABORTED` when the signal fired
   */
  ffmpeg(
    args: readonly string[],
    feeds?: readonly AsyncIterable<Buffer>[],
    frameCount?: number,
  ): Promise<Finished> {
    const { onEncoded } = this;
    const onFrames =
      onEncoded && frameCount ? (count: number) => onEncoded(count / frameCount) : undefined;
    return this.#count(ffmpeg(args, this.signal, feeds, { onFrames }));
  }

  /**
   * Runs FFmpeg beside another process that reads what it writes to `pipe:1`.
   * @throws MediaToolError, or TransientError `ABORTED` when the signal fired, where the output is read
   */
  async *ffmpegOutput(args: readonly string[]): AsyncGenerator<Buffer> {
    this.processes++;
    const startedAt = performance.now();
    try {
      yield* ffmpegOutput(args, this.signal);
    } finally {
      this.ffmpegMs += Math.round(performance.now() - startedAt);
    }
  }

  /** @throws MediaToolError, or TransientError `ABORTED` when the signal fired */
  ffprobe(args: readonly string[]): Promise<Finished> {
    return this.#count(ffprobe(args, this.signal));
  }

  async #count(running: Promise<Finished>): Promise<Finished> {
    this.processes++;
    const finished = await running;
    this.ffmpegMs += finished.elapsedMs;
    return finished;
  }
}
