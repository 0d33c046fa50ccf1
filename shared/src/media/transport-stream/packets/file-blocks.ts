import { open } from 'node:fs/promises';
import { UntidyStreamError } from '../../not-copyable.ts';
import { readFully } from '../../source/read-fully.ts';
import { PACKET_BYTES } from './packets.ts';

const BLOCK_BYTES = 5000 * PACKET_BYTES;

/** Some packets of a file; a view that is only good until the next block is asked for. */
export interface Block {
  packets: Buffer;
  /** Where they lie in the file. */
  position: number;
}

/**
 * Reads a file of packets in blocks, each while the one before it is looked at.
 * @throws UntidyStreamError when it does not end with a whole packet
 */
export async function* blocksOf(path: string, signal: AbortSignal): AsyncGenerator<Block> {
  const handle = await open(path, 'r');
  let reading: Promise<Buffer> | undefined;
  try {
    let current = Buffer.allocUnsafe(BLOCK_BYTES);
    let next = Buffer.allocUnsafe(BLOCK_BYTES);
    reading = readFully(handle, current, 0);
    for (let position = 0; ; position += BLOCK_BYTES) {
      const packets = await reading;
      signal.throwIfAborted();
      if (packets.length % PACKET_BYTES !== 0) {
        throw new UntidyStreamError('a chunk ends within a packet');
      }
      const isLast = packets.length < BLOCK_BYTES;
      if (!isLast) reading = readFully(handle, next, position + BLOCK_BYTES);
      yield { packets, position };
      if (isLast) return;
      [current, next] = [next, current];
    }
  } finally {
    await reading?.catch(() => undefined);
    await handle.close();
  }
}
