import { ID3_HEADER_BYTES, id3TagBytes, id3Timestamp } from './id3.ts';

/**
 * When the first sample of a chunk is heard, in ticks of 90 kHz; 0 where the chunk does not say.
 * @param beginning the first bytes of the chunk
 * @returns nothing when more bytes are needed to tell
 */
export function timeZeroOfPackedAudio(beginning: Buffer): number | undefined {
  for (let at = 0; ; ) {
    if (at + ID3_HEADER_BYTES > beginning.length) return undefined;
    const length = id3TagBytes(beginning, at);
    if (length === undefined) return 0;
    if (at + length > beginning.length) return undefined;
    const time = id3Timestamp(beginning.subarray(at, at + length));
    if (time !== undefined) return time;
    at += length;
  }
}
