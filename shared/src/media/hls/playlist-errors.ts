import { PermanentError } from '../../errors.ts';

/** The playlist breaks the rules of HLS, or points where it may not. */
export function playlistInvalid(key: string, reason: string, cause?: unknown): PermanentError {
  return new PermanentError('PLAYLIST_INVALID', `The playlist ${key} cannot be used: ${reason}.`, {
    cause,
  });
}

/** The playlist asks for something we do not do. It is refused by name, never cut wrongly. */
export function playlistUnsupported(key: string, reason: string): PermanentError {
  return new PermanentError(
    'PLAYLIST_UNSUPPORTED',
    `The playlist ${key} is not supported: ${reason}.`,
  );
}
