import { open } from 'node:fs/promises';
import { readAdtsHeader } from '../packed-audio/adts.ts';

// What files of audio that we have written hold, as their headers tell.

const BLOCK_BYTES = 1 << 20;
/** The mark of FLAC, the header of its first block, and what that block tells: RFC 9639, 8.2. */
const FLAC_BEGINNING_BYTES = 42;
const FLAC_MARK = 'fLaC';

/** @returns nothing where it is no FLAC, or its length was not written */
export async function flacContent(
  file: string,
): Promise<{ channels: number; sampleCount: number } | undefined> {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(FLAC_BEGINNING_BYTES), 0);
    if (bytesRead < FLAC_BEGINNING_BYTES || buffer.toString('latin1', 0, 4) !== FLAC_MARK) {
      return undefined;
    }
    // 20 bits of the rate, 3 of the channels less one, 5 of the depth, 36 of the number of samples.
    const channels = ((buffer[20]! >> 1) & 7) + 1;
    const sampleCount = (buffer[21]! & 0x0f) * 2 ** 32 + buffer.readUInt32BE(22);
    return { channels, sampleCount };
  } finally {
    await handle.close();
  }
}

/** @returns how many frames of ADTS there are; nothing where it is none */
export async function adtsContent(
  file: string,
): Promise<{ channelConfig: number; sampleRate: number; frameCount: number } | undefined> {
  const handle = await open(file, 'r');
  const block = Buffer.alloc(BLOCK_BYTES);
  let first: { channelConfig: number; sampleRate: number } | undefined;
  let frameCount = 0;
  try {
    for (let position = 0; ; ) {
      const { bytesRead } = await handle.read(block, 0, BLOCK_BYTES, position);
      const bytes = block.subarray(0, bytesRead);
      let at = 0;
      for (;;) {
        const frame = readAdtsHeader(bytes, at);
        if (!frame || at + frame.frameBytes > bytes.length) break;
        first ??= { channelConfig: frame.channelConfig, sampleRate: frame.sampleRate };
        frameCount++;
        at += frame.frameBytes;
      }
      if (at === 0) return first && bytesRead === 0 ? { ...first, frameCount } : undefined;
      position += at;
    }
  } finally {
    await handle.close();
  }
}
