import { NotCopyableError } from '../not-copyable.ts';
import { FileReader } from '../source/file-reader.ts';
import { FileWindow } from '../source/file-window.ts';
import {
  bodiesIn,
  bodyIn,
  fileBoxes,
  MAX_BOX_HEADER_BYTES,
  neededBody,
  parse,
  readBody,
  readVersion,
} from './boxes.ts';
import { readEditList } from './tracks/edit-list.ts';

// The sample tables of a plain MP4: ISO/IEC 14496-12, 8.6 and 8.7.

/** When the samples of a track are due, in units of its timescale. */
export interface SampleTimes {
  kind: 'video' | 'audio';
  timescale: number;
  /** Where the player begins to show the track, on the clock of the samples. */
  startsAt: number;
  /** In decoding order. */
  samples: { dts: number; pts: number; duration: number }[];
}

/** @throws NotCopyableError when the file is no plain MP4 */
export async function readSampleTimes(file: string): Promise<SampleTimes[]> {
  const reader = new FileReader();
  try {
    const window = await FileWindow.open(reader, file, MAX_BOX_HEADER_BYTES);
    for await (const box of fileBoxes(window)) {
      if (box.type !== 'moov') continue;
      const movie = await readBody(window, box);
      return parse(() => timesOfTracks(movie));
    }
    throw new NotCopyableError('the MP4 describes no tracks');
  } finally {
    await reader.close();
  }
}

function timesOfTracks(movie: Buffer): SampleTimes[] {
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
      samples: samplesIn(tables),
    };
  });
}

function samplesIn(tables: Buffer): SampleTimes['samples'] {
  const durations = runsIn(neededBody(tables, 'stts'), (body, at) => body.readUInt32BE(at));
  const composition = bodyIn(tables, 'ctts');
  // Offsets may be negative in either version: FFmpeg, too, reads them so.
  const offsets = composition ? runsIn(composition, (body, at) => body.readInt32BE(at)) : [];
  let dts = 0;
  return durations.map((duration, n) => {
    const sample = { dts, pts: dts + (offsets[n] ?? 0), duration };
    dts += duration;
    return sample;
  });
}

/** More samples than a day of pictures: a table that says so is damaged. */
const MAX_SAMPLES = 1 << 24;

/** One value per sample, from a table that counts how many samples in a row have the same. */
function runsIn(body: Buffer, valueAt: (body: Buffer, at: number) => number): number[] {
  const values: number[] = [];
  const runs = body.readUInt32BE(4);
  for (let at = 8; at < 8 + runs * 8; at += 8) {
    const count = body.readUInt32BE(at);
    if (values.length + count > MAX_SAMPLES) throw new NotCopyableError('the MP4 is damaged');
    const value = valueAt(body, at + 4);
    for (let n = 0; n < count; n++) values.push(value);
  }
  return values;
}
