import {
  bodiesIn,
  bodyIn,
  neededBody,
  parse,
  readMovieBody,
  readTimescale,
  readVersion,
} from '#shared/media/mp4/boxes';
import { readEdits } from '#shared/media/mp4/tracks/edit-list';
import { NotCopyableError } from '#shared/media/not-copyable';

/** One entry of an edit list, in seconds. */
export interface TimedEdit {
  /** How long it is shown; 0: to the end of the track. */
  seconds: number;
  /** Where in the track it begins; absent: nothing is shown. */
  fromSeconds?: number;
  /** Speed: 1 is the track's own. */
  rate: number;
}

/** The edit lists of an MP4, and what decides whether FFmpeg can follow them. */
export interface EditLists {
  byTrack: ReadonlyMap<number, TimedEdit[]>;
  isFragmented: boolean;
  /** Whether a track is encrypted, which FFmpeg does not mention. */
  isEncrypted: boolean;
}

const NONE: EditLists = { byTrack: new Map(), isFragmented: false, isEncrypted: false };

/** Reads the edit lists of an MP4. @returns none if the file is not an MP4, or is damaged */
export async function readEditLists(file: string): Promise<EditLists> {
  try {
    const movie = await readMovieBody(file);
    return movie ? parse(() => editListsOf(movie)) : NONE;
  } catch (error) {
    // What is damaged, FFmpeg says when it reads the file.
    if (error instanceof NotCopyableError) return NONE;
    throw error;
  }
}

function editListsOf(movie: Buffer): EditLists {
  const movieTimescale = readTimescale(neededBody(movie, 'mvhd'));
  const lists = bodiesIn(movie, 'trak').map((track): [number, TimedEdit[]] => {
    const header = neededBody(track, 'tkhd');
    const id = header.readUInt32BE(readVersion(header) === 1 ? 20 : 12);
    const timescale = readTimescale(neededBody(track, 'mdia', 'mdhd'));
    const list = bodyIn(track, 'edts', 'elst');
    const edits = (list ? readEdits(list) : []).map(({ duration, mediaTime, rate }) => ({
      seconds: duration / movieTimescale,
      ...(mediaTime === undefined ? {} : { fromSeconds: mediaTime / timescale }),
      rate,
    }));
    return [id, edits];
  });
  return {
    byTrack: new Map(lists),
    isFragmented: bodyIn(movie, 'mvex') !== undefined,
    isEncrypted: bodiesIn(movie, 'trak').some(isEncrypted),
  };
}

/** ISO/IEC 14496-12, 8.12: the first description of the samples is then called `encv`, `enca` or the like. */
function isEncrypted(track: Buffer): boolean {
  const descriptions = neededBody(track, 'mdia', 'minf', 'stbl', 'stsd');
  return descriptions.toString('latin1', 12, 15) === 'enc';
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

export function editingOf(edits: readonly TimedEdit[]): Editing {
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
