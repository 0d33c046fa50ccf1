import { type Finished, ffmpeg, ffprobe } from './run.ts';

/** One piece of media work: where its files go, what stops it, and what its processes took. */
export class MediaWork {
  /** How many processes were started. */
  processes = 0;
  /** Wall time inside them, in milliseconds; of those that ran side by side, the sum. */
  ffmpegMs = 0;

  /** @param folder existing, and the work's own */
  constructor(
    readonly folder: string,
    readonly signal: AbortSignal,
  ) {}

  /** @throws MediaToolError, or TransientError `ABORTED` when the signal fired */
  ffmpeg(args: readonly string[], feeds?: readonly AsyncIterable<Buffer>[]): Promise<Finished> {
    return this.#count(ffmpeg(args, this.signal, feeds));
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
