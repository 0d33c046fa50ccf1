import type { types } from 'hls-parser';
import { playlistInvalid, playlistUnsupported, shown } from './playlist-errors.ts';

/** AES-128 in CBC mode with PKCS7 padding: the METHOD=AES-128 of HLS. */
export interface Encryption {
  /** S3 key of the object that holds the 16 bytes of the key. */
  keyKey: string;
  /** Initialization vector, 16 bytes. */
  iv: Uint8Array;
}

/**
 * What an EXT-X-KEY asks for.
 * @param iv where the vector comes from if the tag has none: of a chunk it is its media sequence number
 *   (RFC 8216, 5.2); an initialization section has no number, so its tag must have one (4.3.2.5)
 * @param resolve turns the URI of the key into an S3 key
 * @throws PermanentError `PLAYLIST_INVALID`, or `PLAYLIST_UNSUPPORTED` for methods of DRM
 */
export function encryptionOf(
  key: types.Key | undefined,
  iv: { sequenceNumber: number } | 'explicit',
  playlistKey: string,
  resolve: (uri: string | undefined) => string,
): Encryption | undefined {
  if (!key || key.method === 'NONE') return undefined;
  if (key.method !== 'AES-128') {
    throw playlistUnsupported(
      playlistKey,
      `it is encrypted with ${shown(String(key.method))} (EXT-X-KEY)`,
    );
  }
  if (key.format !== undefined && key.format !== 'identity') {
    throw playlistUnsupported(
      playlistKey,
      `its keys have the format ${shown(key.format)} (EXT-X-KEY)`,
    );
  }
  return { keyKey: resolve(key.uri), iv: vectorOf(key, iv, playlistKey) };
}

function vectorOf(
  key: types.Key,
  iv: { sequenceNumber: number } | 'explicit',
  playlistKey: string,
): Uint8Array {
  if (key.iv) {
    const explicit = new Uint8Array(key.iv);
    if (explicit.length === 16) return explicit;
    throw playlistInvalid(playlistKey, 'the IV of an EXT-X-KEY has not 16 bytes');
  }
  if (iv === 'explicit') {
    throw playlistInvalid(playlistKey, 'the EXT-X-KEY of an EXT-X-MAP has no IV');
  }
  if (!Number.isSafeInteger(iv.sequenceNumber) || iv.sequenceNumber < 0) {
    throw playlistInvalid(playlistKey, 'its EXT-X-MEDIA-SEQUENCE is no whole number');
  }
  const vector = new Uint8Array(16);
  new DataView(vector.buffer).setBigUint64(8, BigInt(iv.sequenceNumber));
  return vector;
}

/**
 * The chunks whose EXT-X-KEY stands behind their EXT-X-MAP. It is not the section's then: a tag speaks of
 * what comes after it (RFC 8216, 4.3.2.4), and the parser does not keep their order.
 */
export function keysAfterMaps(lines: readonly string[]): ReadonlySet<number> {
  const found = new Set<number>();
  let index = 0;
  let hasMap = false;
  for (const line of lines) {
    if (!line.startsWith('#')) {
      index++;
      hasMap = false;
    } else if (line.startsWith('#EXT-X-MAP')) hasMap = true;
    else if (line.startsWith('#EXT-X-KEY') && hasMap) found.add(index);
  }
  return found;
}
