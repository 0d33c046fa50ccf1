import { createDecipheriv, type Decipher } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { PermanentError } from '../errors.ts';
import type { Piece } from '../media/hls/media-playlist.ts';
import { isMissing, openObject } from './objects.ts';

const KEY_BYTES = 16;

/** The keys of encrypted chunks, each read from S3 once. Make one for each piece of work. */
export class ChunkKeys {
  readonly #keys = new Map<string, Promise<Buffer>>();

  /**
   * @returns undefined for a chunk in clear
   * @throws PermanentError `CHUNK_UNDECODABLE` where the key is missing or has not 16 bytes
   */
  async decipherOf({ encryption }: Piece, signal: AbortSignal): Promise<Decipher | undefined> {
    if (!encryption) return undefined;
    const { keyKey, iv } = encryption;
    const reading = this.#keys.get(keyKey) ?? readKey(keyKey, signal);
    this.#keys.set(keyKey, reading);
    try {
      return createDecipheriv('aes-128-cbc', await reading, iv);
    } catch (error) {
      // Whoever comes next may try again.
      if (this.#keys.get(keyKey) === reading) this.#keys.delete(keyKey);
      throw error;
    }
  }
}

async function readKey(key: string, signal: AbortSignal): Promise<Buffer> {
  try {
    const { body, sizeBytes } = await openObject(key, signal);
    if (sizeBytes === KEY_BYTES) return await buffer(body);
    body.destroy();
    throw new PermanentError(
      'CHUNK_UNDECODABLE',
      `The key ${key} has ${sizeBytes} bytes instead of 16: upload the right one.`,
    );
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new PermanentError(
      'CHUNK_UNDECODABLE',
      `The key ${key} is in the playlist but not in the bucket: upload it and request the clip again.`,
      { cause: error },
    );
  }
}
