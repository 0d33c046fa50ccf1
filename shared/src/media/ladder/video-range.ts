import { TRANSFER, type VideoRange } from '../codecs/colour.ts';
import { formatOfSet } from '../codecs/frame-format.ts';
import type { MovieTrack } from '../mp4/movie/read-movie.ts';
import { readSampleEntry } from '../mp4/tracks/initialization.ts';
import { readPictureFormat } from '../mp4/tracks/picture-format.ts';
import { NotCopyableError } from '../not-copyable.ts';

/**
 * The dynamic range of a track, by its parameter sets. What does not say it is shown as SDR.
 * @returns nothing where there are no frames, or the sets cannot be read
 */
export function videoRangeOf({ kind, description }: MovieTrack): VideoRange | undefined {
  const format = kind === 'video' && readPictureFormat(readSampleEntry(description));
  const [sps] = format ? format.sps : [];
  if (!format || !sps) return undefined;
  try {
    const { transfer } = formatOfSet(format.codec, sps).colour;
    if (transfer === TRANSFER.pq) return 'PQ';
    return transfer === TRANSFER.hlg ? 'HLG' : 'SDR';
  } catch (error) {
    if (error instanceof NotCopyableError) return undefined;
    throw error;
  }
}
