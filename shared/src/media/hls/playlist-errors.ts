import { PermanentError } from '../../errors.ts';

/** The playlist breaks the rules of HLS, or points where it may not. */
export function playlistInvalid(key: string, reason: string, cause?: unknown): PermanentError {
  return new PermanentError('PLAYLIST_INVALID', `The playlist ${key} cannot be used: ${reason}.`, {
    cause,
  });
}

/** A text of the playlist as an error may quote it: lines can be as long as the whole playlist. */
export const shown = (text: string): string => JSON.stringify(text.slice(0, 100));

/** The playlist asks for something we do not do. It is refused by name, never cut wrongly. */
export function playlistUnsupported(key: string, reason: string): PermanentError {
  return new PermanentError(
    'PLAYLIST_UNSUPPORTED',
    `The playlist ${key} is not supported: ${reason}.`,
  );
}
