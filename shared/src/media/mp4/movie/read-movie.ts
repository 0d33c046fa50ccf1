import { NotCopyableError } from '../../not-copyable.ts';
import { bodiesIn, bodyIn, neededBody, parse, readMovieBody, readTimescale } from '../boxes.ts';
import { readEditList } from '../tracks/edit-list.ts';
import { type MovieSample, readSampleTables } from './read-tables.ts';

// The header of a plain MP4: ISO/IEC 14496-12, 8.2 to 8.6.

/** What a movie says of a track of pictures or sound. Times are in units of its timescale. */
export interface TrackHeader {
  kind: 'video' | 'audio';
  timescale: number;
  /** When the movie begins, on the clock of the samples; negative: before the first of them. */
  startsAt: number;
  /** The part of the samples that is shown: from when, on their clock, and for how long; 0: to the end. */
  shown: { from: number; units: number };
  /** The body of the `stsd` box: what kind of samples they are. */
  description: Buffer;
  /** How large to show the picture, in pixels. */
  size: { width: number; height: number };
  /** The body of the `stbl` box: where samples lie, and when they are due. */
  tables: Buffer;
}

/** A track with all of its samples. */
export interface MovieTrack extends Omit<TrackHeader, 'tables'> {
  /** In decoding order. */
  samples: MovieSample[];
}

/** @throws NotCopyableError when the file is no plain MP4 */
export async function readMovie(file: string): Promise<MovieTrack[]> {
  const movie = await readMovieBody(file);
  if (!movie) throw new NotCopyableError('the MP4 describes no tracks');
  const headers = readTrackHeaders(movie);
  return parse(() =>
    headers.map(({ tables, ...header }) => ({ ...header, samples: readSampleTables(tables) })),
  );
}

/**
 * @param movie the body of the `moov` box
 * @throws NotCopyableError when it is damaged
 */
export const readTrackHeaders = (movie: Buffer): TrackHeader[] => parse(() => headersIn(movie));

function headersIn(movie: Buffer): TrackHeader[] {
  const movieTimescale = readTimescale(neededBody(movie, 'mvhd'));
  return bodiesIn(movie, 'trak').flatMap((track) => {
    const handler = neededBody(track, 'mdia', 'hdlr').toString('latin1', 8, 12);
    if (handler !== 'vide' && handler !== 'soun') return [];
    const timescale = readTimescale(neededBody(track, 'mdia', 'mdhd'));
    const edits = readEditList(bodyIn(track, 'edts', 'elst'), movieTimescale, timescale);
    const tables = neededBody(track, 'mdia', 'minf', 'stbl');
    return {
      kind: handler === 'vide' ? ('video' as const) : ('audio' as const),
      timescale,
      startsAt: edits.mediaTime - edits.emptyEdit,
      shown: { from: edits.mediaTime, units: edits.shown },
      description: neededBody(tables, 'stsd'),
      size: readSize(neededBody(track, 'tkhd')),
      tables,
    };
  });
}

/** The last two fields of the track's header: numbers of 16.16 bits. */
function readSize(header: Buffer): TrackHeader['size'] {
  const at = header.length - 8;
  return {
    width: header.readUInt32BE(at) / 0x10000,
    height: header.readUInt32BE(at + 4) / 0x10000,
  };
}
