import { posix } from 'node:path';
import { playlistInvalid } from './playlist-errors.ts';

/**
 * The S3 key that a URI of a playlist means. Only plain relative paths below the track's own folder are
 * followed: a playlist is data, and may not send us to another host, another episode or another tenant.
 * @param playlistKey the S3 key of the playlist, which the URI is relative to
 * @param folder the S3 folder of the track, with a trailing slash
 * @throws PermanentError `PLAYLIST_INVALID`
 */
export function resolveKey(uri: string, playlistKey: string, folder: string): string {
  let path: string;
  try {
    path = decodeURIComponent(uri.replace(/[?#].*$/s, ''));
  } catch (cause) {
    throw playlistInvalid(playlistKey, `its URI "${uri.slice(0, 100)}" is badly encoded`, cause);
  }
  const key = posix.join(posix.dirname(playlistKey), path);
  const isPlainPath = !/^[a-z][a-z0-9+.-]*:|^\/|[\\\p{Cc}]/iu.test(path);
  if (path === '' || !isPlainPath || !key.startsWith(folder) || key.endsWith('/')) {
    const shown = `"${uri.slice(0, 100)}"`;
    throw playlistInvalid(playlistKey, `its URI ${shown} is not a relative path below ${folder}`);
  }
  return key;
}
