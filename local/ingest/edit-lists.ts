import {
  bodiesIn,
  bodyIn,
  neededBody,
  parse,
  readMovieBody,
  readTimescale,
  readVersion,
} from '#shared/media/mp4/boxes';
import { NotCopyableError } from '#shared/media/not-copyable';

/** One entry of an edit list (ISO/IEC 14496-12, 8.6.6), in seconds. */
export interface Edit {
  /** For so long it is shown; 0: to the end of the track. */
  seconds: number;
  /** From where in the track; absent: nothing is shown. */
  fromSeconds?: number;
  /** Speed: 1 is the track's own. */
  rate: number;
}

const RATE_1 = 0x10000;

/** Reads the edit lists of an MP4. @returns them by track id; empty if the file is not an MP4, or is damaged */
export async function readEditLists(file: string): Promise<ReadonlyMap<number, Edit[]>> {
  try {
    const movie = await readMovieBody(file);
    return movie ? parse(() => editListsOf(movie)) : new Map();
  } catch (error) {
    // What is damaged, FFmpeg says when it reads the file.
    if (error instanceof NotCopyableError) return new Map();
    throw error;
  }
}

function editListsOf(movie: Buffer): Map<number, Edit[]> {
  const movieTimescale = readTimescale(neededBody(movie, 'mvhd'));
  const lists = bodiesIn(movie, 'trak').map((track): [number, Edit[]] => {
    const header = neededBody(track, 'tkhd');
    const id = header.readUInt32BE(readVersion(header) === 1 ? 20 : 12);
    const timescale = readTimescale(neededBody(track, 'mdia', 'mdhd'));
    const list = bodyIn(track, 'edts', 'elst');
    return [id, list ? editsOf(list, movieTimescale, timescale) : []];
  });
  return new Map(lists);
}

function editsOf(list: Buffer, movieTimescale: number, timescale: number): Edit[] {
  const isLong = readVersion(list) === 1;
  const entryBytes = isLong ? 20 : 12;
  return Array.from({ length: list.readUInt32BE(4) }, (_, n) => {
    const at = 8 + n * entryBytes;
    const duration = isLong ? Number(list.readBigUInt64BE(at)) : list.readUInt32BE(at);
    const mediaTime = isLong ? Number(list.readBigInt64BE(at + 8)) : list.readInt32BE(at + 4);
    const rate = list.readInt32BE(at + entryBytes - 4) / RATE_1;
    return {
      seconds: duration / movieTimescale,
      ...(mediaTime === -1 ? {} : { fromSeconds: mediaTime / timescale }),
      rate,
    };
  });
}

/** What an edit list does to a track. */
export interface Editing {
  /** Nothing is shown for so long at first. */
  emptySeconds: number;
  /** So much of the beginning of the track is not shown, times of reordered frames and priming included. */
  trimmedSeconds: number;
  /** Whether it shows more than one stretch of the track, or pauses. */
  isCompound: boolean;
  /** Whether some of it is shown at another speed, or as a still. */
  hasOtherRate: boolean;
}

export function editingOf(edits: readonly Edit[]): Editing {
  const first = edits.findIndex(({ fromSeconds }) => fromSeconds !== undefined);
  const empty = first === -1 ? [] : edits.slice(0, first);
  const shown = first === -1 ? [] : edits.slice(first);
  return {
    emptySeconds: empty.reduce((sum, { seconds }) => sum + seconds, 0),
    trimmedSeconds: shown[0]?.fromSeconds ?? 0,
    isCompound: shown.length > 1,
    hasOtherRate: shown.some(({ fromSeconds, rate }) => fromSeconds !== undefined && rate !== 1),
  };
}
