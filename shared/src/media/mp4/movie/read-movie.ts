import { NotCopyableError } from '../../not-copyable.ts';
import { bodiesIn, bodyIn, neededBody, parse, readMovieBody, readTimescale } from '../boxes.ts';
import { readEditList } from '../tracks/edit-list.ts';
import { type MovieSample, readSampleTables } from './read-tables.ts';

// The header of a plain MP4: ISO/IEC 14496-12, 8.2 to 8.6.

/** A track of pictures or sound. Times are in units of its timescale. */
export interface MovieTrack {
  kind: 'video' | 'audio';
  timescale: number;
  /** Where the player begins to show the track, on the clock of the samples. */
  startsAt: number;
  /** The body of the `stsd` box: what kind of samples they are. */
  description: Buffer;
  /** How large to show the picture, in pixels. */
  size: { width: number; height: number };
  /** In decoding order. */
  samples: MovieSample[];
}

/** @throws NotCopyableError when the file is no plain MP4 */
export async function readMovie(file: string): Promise<MovieTrack[]> {
  const movie = await readMovieBody(file);
  if (!movie) throw new NotCopyableError('the MP4 describes no tracks');
  return parse(() => tracksOf(movie));
}

function tracksOf(movie: Buffer): MovieTrack[] {
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
      description: neededBody(tables, 'stsd'),
      size: readSize(neededBody(track, 'tkhd')),
      samples: readSampleTables(tables),
    };
  });
}

/** The last two fields of the track's header: numbers of 16.16 bits. */
function readSize(header: Buffer): MovieTrack['size'] {
  const at = header.length - 8;
  return {
    width: header.readUInt32BE(at) / 0x10000,
    height: header.readUInt32BE(at + 4) / 0x10000,
  };
}
