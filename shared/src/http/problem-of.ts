import { type ErrorCode, PermanentError, TransientError } from '../errors.ts';
import { HttpProblem } from './problem.ts';

/** Of what the product refuses, what is not simply a bad request. */
const STATUS_OF: Partial<Record<ErrorCode, number>> = {
  EPISODE_NOT_FOUND: 404,
  TRACK_NOT_FOUND: 404,
  CLIP_NOT_FOUND: 404,
  PLAYLIST_NOT_FOUND: 404,
  CHUNK_NOT_FOUND: 409,
  EPISODE_INVALID: 409,
  PLAYLIST_INVALID: 409,
  PLAYLIST_UNSUPPORTED: 409,
  CHUNK_UNDECODABLE: 409,
  AUDIO_NOT_FOUND: 409,
  AUDIO_UNDECODABLE: 409,
  EPISODE_HAS_NO_SOUND: 409,
  SEGMENT_NOT_YET_AVAILABLE: 425,
  AUDIO_CLIP_NOT_READY: 425,
};

const RETRY_AFTER_SECONDS = 2;

/** What the caller is told of an error. Of one that nobody foresaw, nothing but that it was logged. */
export function problemOf(error: unknown): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (error instanceof PermanentError) {
    const { code, message } = error;
    return new HttpProblem(STATUS_OF[code] ?? 400, code, message, { cause: error });
  }
  const headers = { 'Retry-After': String(RETRY_AFTER_SECONDS) };
  if (error instanceof TransientError) {
    const { code, message } = error;
    return new HttpProblem(STATUS_OF[code] ?? 503, code, message, { headers, cause: error });
  }
  return new HttpProblem(
    500,
    'INTERNAL',
    'Something went wrong that is ours to mend: try again, and name the correlationId if it stays.',
    { cause: error },
  );
}
