import { MediaToolError } from './ffmpeg/run.ts';
import { NotCopyableError } from './not-copyable.ts';

/** What is wrong with the media, as against what is wrong with us: it may work in another way. */
export type MediaProblem = NotCopyableError | MediaToolError;

export const isMediaProblem = (error: unknown): error is MediaProblem =>
  error instanceof NotCopyableError || error instanceof MediaToolError;

/** Why, in plain words that may stand within a sentence: those of a tool are not among them. */
export const reasonOf = (error: MediaProblem): string =>
  error instanceof MediaToolError ? 'FFmpeg ended with an error' : error.message;

/** What a tool said last, as a sentence of its own behind others; nothing where no tool failed. */
export function toolsWords(error: unknown): string {
  const line = error instanceof MediaToolError ? error.lastLines.split(' | ').at(-1) : undefined;
  return line ? ` FFmpeg said: “${line}”.` : '';
}
