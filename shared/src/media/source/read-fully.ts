import type { FileHandle } from 'node:fs/promises';

/**
 * Fills a buffer from a place in a file: one read may return less than there is.
 * @returns as much of the buffer as the file had bytes
 */
export async function readFully(
  handle: FileHandle,
  into: Buffer,
  position: number,
): Promise<Buffer> {
  let length = 0;
  while (length < into.length) {
    const { bytesRead } = await handle.read(into, length, into.length - length, position + length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return into.subarray(0, length);
}
