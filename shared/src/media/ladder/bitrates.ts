import type { RungChunk } from './write-rung.ts';

/** Bits a second. */
export interface Bitrates {
  average: number;
  peak: number;
}

type Chunk = Pick<RungChunk, 'bytes' | 'durationSeconds'>;

/** What players may have to load: RFC 8216, 4.3.4.2. */
export function bitratesOf(chunks: readonly Chunk[]): Bitrates {
  const average = bitrate(chunks);
  return { average, peak: Math.max(average, ...stretches(chunks).map(bitrate)) };
}

/** The chunks in a row that count: half to one and a half times as long as the longest one, section 4.1. */
function stretches(chunks: readonly Chunk[]): Chunk[][] {
  const longest = chunks.reduce((most, chunk) => Math.max(most, chunk.durationSeconds), 0);
  return chunks.flatMap((_, first) => {
    const found: Chunk[][] = [];
    for (let end = first + 1; end <= chunks.length; end++) {
      const stretch = chunks.slice(first, end);
      const seconds = secondsOf(stretch);
      if (seconds > 1.5 * longest) break;
      if (seconds >= 0.5 * longest) found.push(stretch);
    }
    return found;
  });
}

const secondsOf = (chunks: readonly Chunk[]) =>
  chunks.reduce((sum, chunk) => sum + chunk.durationSeconds, 0);

const bitrate = (chunks: readonly Chunk[]) =>
  Math.ceil((8 * chunks.reduce((sum, { bytes }) => sum + bytes, 0)) / secondsOf(chunks));
