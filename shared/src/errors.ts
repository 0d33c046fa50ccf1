import { truncate } from './events/truncate.ts';
import { WARNING_CODES } from './media/warnings.ts';

/**
 * Every code a clip, a segment or a request can fail with. Codes are part of the interface:
 * they are stored in `processingError.code`, published in events and may be matched on by callers.
 */
export const ERROR_CODES = [
  // What the caller sent
  'EVENT_INVALID',
  'RECOMMENDATIONS_INVALID',
  'NO_CLIPS',
  'TOO_MANY_CLIPS',
  'CLIP_NOT_FOUND',
  'CLIP_INVALID',
  'CLIP_DUPLICATE',
  'SEGMENT_OUTSIDE_EPISODE',
  'SEGMENT_NOT_YET_AVAILABLE',
  'SEGMENT_EMPTY',
  'AUDIO_CLIP_INVALID',
  'AUDIO_CLIP_PAST_END',
  // What the episode is
  'EPISODE_NOT_FOUND',
  'EPISODE_INVALID',
  'TRACK_NOT_FOUND',
  'PLAYLIST_NOT_FOUND',
  'PLAYLIST_INVALID',
  'PLAYLIST_UNSUPPORTED',
  'CHUNK_NOT_FOUND',
  'CHUNK_UNDECODABLE',
  'AUDIO_NOT_FOUND',
  'AUDIO_UNDECODABLE',
  'EPISODE_HAS_NO_SOUND',
  // What went wrong while working
  'DISK_TOO_SMALL',
  'MEDIA_FAILED',
  'STITCH_FAILED',
  'AUDIO_CLIP_NOT_READY',
  'SEGMENT_FILE_NOT_FOUND',
  'UPLOAD_FAILED',
  'CHECKSUM_MISMATCH',
  'CLIP_REPLACED',
  'CLIP_WITHOUT_PICTURES',
  'THUMBNAILS_FAILED',
  'RENDITION_FAILED',
  'RENDITION_NOT_SMALLER',
  'PUBLISH_FAILED',
  'CONFLICT',
  'FUNCTION_TIMED_OUT',
  'FUNCTION_OUT_OF_MEMORY',
  'FUNCTION_FAILED',
  'EVENT_UNDELIVERABLE',
  'TIMED_OUT',
  'ABORTED',
  // What is only a warning unless the request is strict
  ...WARNING_CODES,
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** Messages quote what they are about, which may be of any length; an event is not. */
const MAX_MESSAGE_BYTES = 2_000;

/** What is stored and published of an error: no stack, nothing secret. */
export type ErrorSummary = {
  code: ErrorCode;
  message: string;
};

/**
 * Base of the errors that Splicebus throws on purpose. Whether to try again is the class, not a flag:
 * {@link PermanentError} never helps to retry, {@link TransientError} may pass by itself.
 */
abstract class SplicebusError extends Error {
  constructor(
    readonly code: ErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Trying again gives the same: the input or the media must change first. The message says how. */
export class PermanentError extends SplicebusError {
  override readonly name = 'PermanentError';
}

/** Trying again may help: thrown on, so that Lambda retries and then uses its failure destination. */
export class TransientError extends SplicebusError {
  override readonly name = 'TransientError';
}

/** The part of an error that may leave the process, in a record or an event. */
export function summarize(error: PermanentError | TransientError): ErrorSummary {
  return { code: error.code, message: truncate(error.message, MAX_MESSAGE_BYTES) };
}

/** Makes the compiler prove that a union was handled in full. */
export function assertNever(value: never): never {
  throw new Error(`Unhandled case: ${JSON.stringify(value)}`);
}
