import { NotCopyableError } from '../../not-copyable.ts';
import { FileReader } from '../../source/file-reader.ts';
import { FileWindow } from '../../source/file-window.ts';
import {
  bodiesIn,
  bodyIn,
  fileBoxes,
  MAX_BOX_HEADER_BYTES,
  neededBody,
  parse,
  readBody,
  readVersion,
} from '../boxes.ts';
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
  const reader = new FileReader();
  try {
    const window = await FileWindow.open(reader, file, MAX_BOX_HEADER_BYTES);
    for await (const box of fileBoxes(window)) {
      if (box.type !== 'moov') continue;
      const movie = await readBody(window, box);
      return parse(() => tracksOf(movie));
    }
    throw new NotCopyableError('the MP4 describes no tracks');
  } finally {
    await reader.close();
  }
}

function tracksOf(movie: Buffer): MovieTrack[] {
  const header = neededBody(movie, 'mvhd');
  const movieTimescale = header.readUInt32BE(readVersion(header) === 1 ? 20 : 12);
  return bodiesIn(movie, 'trak').flatMap((track) => {
    const handler = neededBody(track, 'mdia', 'hdlr').toString('latin1', 8, 12);
    if (handler !== 'vide' && handler !== 'soun') return [];
    const media = neededBody(track, 'mdia', 'mdhd');
    const timescale = media.readUInt32BE(readVersion(media) === 1 ? 20 : 12);
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
