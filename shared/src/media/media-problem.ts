import { MediaToolError } from './ffmpeg/run.ts';
import { NotCopyableError } from './not-copyable.ts';

/** What is wrong with the media, as against what is wrong with us: it may work in another way. */
export type MediaProblem = NotCopyableError | MediaToolError;

export const isMediaProblem = (error: unknown): error is MediaProblem =>
  error instanceof NotCopyableError || error instanceof MediaToolError;
