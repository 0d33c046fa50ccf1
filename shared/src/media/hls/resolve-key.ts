import { posix } from 'node:path';
import { playlistInvalid, shown } from './playlist-errors.ts';

/** What S3 takes for a key at most, in UTF-8. */
const MAX_KEY_BYTES = 1024;

/** Encoded, a byte takes three characters; the rest is for detours such as `../`. Longer ones cost time only. */
const MAX_PATH_LENGTH = 4 * MAX_KEY_BYTES;

/**
 * The S3 key that a URI of a playlist means. Only plain relative paths below the track's own folder are
 * followed: a playlist is data, and may not send us to another host, another episode or another tenant.
 * @param playlistKey the S3 key of the playlist, which the URI is relative to
 * @param folder the S3 folder of the track, with a trailing slash
 * @throws PermanentError `PLAYLIST_INVALID`
 */
export function resolveKey(uri: string, playlistKey: string, folder: string): string {
  const tooLong = () => playlistInvalid(playlistKey, `its URI ${shown(uri)} is too long for S3`);
  const encoded = uri.replace(/[?#].*$/s, '');
  if (encoded.length > MAX_PATH_LENGTH) throw tooLong();
  let path: string;
  try {
    path = decodeURIComponent(encoded);
  } catch (cause) {
    throw playlistInvalid(playlistKey, `its URI ${shown(uri)} is badly encoded`, cause);
  }
  const key = posix.join(posix.dirname(playlistKey), path);
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) throw tooLong();
  const isRelative = path !== '' && !/^[a-z][a-z0-9+.-]*:|^\//i.test(path);
  if (!isRelative || !isPlainKeyBelow(folder, key)) {
    const reason = `its URI ${shown(uri)} is not a relative path below ${folder}`;
    throw playlistInvalid(playlistKey, reason);
  }
  return key;
}

/**
 * Whether a key names an object below a folder, and in the plainest way: nothing in it that some store,
 * file system or URL could take for a detour.
 * @param folder with a trailing slash
 */
export function isPlainKeyBelow(folder: string, key: string): boolean {
  const isPlain = posix.normalize(key) === key && !/[\\\p{Cc}]/u.test(key);
  return isPlain && key.startsWith(folder) && !key.endsWith('/');
}
