import type { MediaWork } from './media-work.ts';
import { inputFeed } from './run.ts';

/** What a job reads: a transport stream of ours, as it is made, or whatever FFmpeg's options name. */
export type JobInput =
  | {
      stream: AsyncIterable<Buffer>;
      /** Options of its decoder. */
      decoder?: readonly string[];
    }
  | { options: readonly string[] };

/** One thing for FFmpeg to make. */
export interface Job {
  inputs: readonly JobInput[];
  /**
   * The filter graph. Its output labels must be the job's own.
   * @param inputs numbers of the inputs in the command
   */
  filter: (inputs: readonly number[]) => string;
  /** Output options and files, mapped from the labels of the filter. */
  outputs: readonly string[];
  /** How many pictures it makes; absent for sound. */
  frameCount?: number;
}

/** What could not be decoded is found, and told, by looking at what came out: not by a share that is too much. */
const BEARING_ERRORS = ['-max_error_rate', '1'];

/**
 * Does several jobs in one process.
 * @throws MediaToolError, or TransientError `ABORTED` when the signal fired
 */
export async function runJobs(jobs: readonly Job[], work: MediaWork): Promise<void> {
  if (jobs.length === 0) return;
  const streams: AsyncIterable<Buffer>[] = [];
  const inputs = jobs
    .flatMap((job) => job.inputs)
    .flatMap((input) =>
      'options' in input
        ? input.options
        : [...(input.decoder ?? []), ...inputFeed(streams.push(input.stream) - 1, 'mpegts')],
    );
  let count = 0;
  const filters = jobs.flatMap(({ inputs, filter }) => [
    '-filter_complex',
    filter(inputs.map(() => count++)),
  ]);
  // -copyts: filters mean the times that the inputs state.
  const outputs = jobs.flatMap((job) => job.outputs);
  const [{ frameCount }] = jobs as [Job];
  const options = [...BEARING_ERRORS, '-copyts', ...inputs, ...filters, ...outputs];
  await work.ffmpeg(options, streams, frameCount);
}
