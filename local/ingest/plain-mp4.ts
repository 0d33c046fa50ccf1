import { copyFile, open } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { ffmpeg } from '#shared/media/ffmpeg/run';
import {
  bodiesIn,
  bodyIn,
  fileBoxes,
  MAX_BOX_HEADER_BYTES,
  neededBody,
  readBody,
  readTimescale,
  readVersion,
} from '#shared/media/mp4/boxes';
import { fillDurations } from '#shared/media/mp4/tracks/edit-list';
import { FileReader } from '#shared/media/source/file-reader';
import { FileWindow } from '#shared/media/source/file-window';
import type { EditLists } from './edit-lists.ts';

/** Units a second of a movie, fine enough for the times of any track. */
const MOVIE_TIMESCALE = 1_000_000;

/**
 * Copies an MP4 whose edit lists FFmpeg does not follow: in fragmented files it only moves tracks by them and hides
 * nothing, and "to the end", a duration of 0, it takes for nothing at all.
 * @param folder where the copy goes
 * @returns the path of a plain MP4 whose edit lists say the same to FFmpeg; of the file itself where they do
 */
export async function withPlainEdits(
  file: string,
  { byTrack, isFragmented }: EditLists,
  folder: string,
): Promise<string> {
  const shown = [...byTrack.values()].flat().filter((edit) => edit.fromSeconds !== undefined);
  const copy = join(folder, extname(file).toLowerCase() === '.mov' ? 'plain.mov' : 'plain.mp4');
  if (isFragmented && shown.length > 0) {
    await copyUnfragmented(file, copy);
    return copy;
  }
  if (!isFragmented && shown.some(({ seconds }) => seconds === 0)) {
    await copyFile(file, copy);
    await fillDurationsOf(copy);
    return copy;
  }
  return file;
}

/** What has a time before 0 is hidden: FFmpeg writes an edit list that says so. */
const copyUnfragmented = (file: string, copy: string) =>
  ffmpeg([
    ...['-copyts', '-i', file, '-map', '0:v?', '-map', '0:a?', '-c', 'copy'],
    ...['-movie_timescale', String(MOVIE_TIMESCALE), copy],
  ]);

async function fillDurationsOf(file: string): Promise<void> {
  const reader = new FileReader();
  try {
    const window = await FileWindow.open(reader, file, MAX_BOX_HEADER_BYTES);
    for await (const box of fileBoxes(window)) {
      if (box.type !== 'moov') continue;
      const movie = await readBody(window, box);
      fillDurationsIn(movie);
      await writeAt(file, movie, box.bodyAt);
      return;
    }
  } finally {
    await reader.close();
  }
}

/** An edit may reach past the end of its track: the track's whole duration is always enough. */
function fillDurationsIn(movie: Buffer): void {
  const movieTimescale = readTimescale(neededBody(movie, 'mvhd'));
  for (const track of bodiesIn(movie, 'trak')) {
    const list = bodyIn(track, 'edts', 'elst');
    if (!list) continue;
    const header = neededBody(track, 'mdia', 'mdhd');
    const duration =
      readVersion(header) === 1 ? Number(header.readBigUInt64BE(24)) : header.readUInt32BE(16);
    fillDurations(list, Math.ceil((duration * movieTimescale) / readTimescale(header)));
  }
}

async function writeAt(file: string, bytes: Buffer, at: number): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    await handle.write(bytes, 0, bytes.length, at);
  } finally {
    await handle.close();
  }
}
