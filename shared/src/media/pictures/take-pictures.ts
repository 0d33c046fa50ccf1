import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PermanentError } from '../../errors.ts';
import { OWN_TIMES } from '../cut/encoder.ts';
import { sdrFilters } from '../cut/frame-filters.ts';
import { frameAbilities } from '../ffmpeg/abilities.ts';
import type { MediaWork } from '../ffmpeg/media-work.ts';
import { inputFile } from '../ffmpeg/run.ts';
import { type ClipPictures, probeClip, progressive, shownAs } from '../finished/probe-clip.ts';
import { type MovieTrack, readMovie } from '../mp4/movie/read-movie.ts';
import { OutputCheckError } from '../output-check-error.ts';
import type { Size } from '../source/media-index.ts';
import { choosePictures } from './choose-pictures.ts';
import { measurePicture } from './measure-picture.ts';
import { lengthSeconds, planCandidates } from './plan-candidates.ts';

const POSTER_WIDTH = 1_280;
const THUMBNAIL_WIDTH = 320;
/** Wide enough to tell what is out of focus, and small enough to hold all candidates in memory. */
const LOOK_WIDTH = 640;

/** Pictures are further apart than this, in seconds, and times are rounded to less. */
const NEAR = 0.0005;

/** A JPEG on local disk. */
export interface TakenPicture extends Size {
  file: string;
  /** When the clip shows it. */
  atMs: number;
}

export interface TakenPictures {
  poster: TakenPicture;
  thumbnails: TakenPicture[];
}

/**
 * Takes a poster and three thumbnails out of a finished clip: one process decodes candidates from all over it,
 * and encodes each in both sizes; then the best are chosen.
 * @throws PermanentError `CLIP_WITHOUT_PICTURES`
 * @throws MediaToolError when FFmpeg fails; OutputCheckError when it gives less than was asked for
 */
export async function takePictures(clipFile: string, work: MediaWork): Promise<TakenPictures> {
  const track = (await readMovie(clipFile)).find(({ kind }) => kind === 'video');
  const pictures = track && (await probeClip(clipFile, work));
  if (!pictures) {
    throw new PermanentError(
      'CLIP_WITHOUT_PICTURES',
      'The clip holds only sound, so there is nothing to show.',
    );
  }
  const sizes = {
    poster: noWiderThan(POSTER_WIDTH, pictures.size),
    thumbnail: noWiderThan(THUMBNAIL_WIDTH, pictures.size),
    look: noWiderThan(LOOK_WIDTH, pictures.size),
  };
  const { levels, ticks } = await decode(clipFile, track, pictures, sizes, work);
  const lookBytes = bytesOf(sizes.look);
  const candidates = ticks.map((atTicks, n) => {
    const own = levels.subarray(n * lookBytes, (n + 1) * lookBytes);
    return { atSeconds: atTicks / 90_000, look: measurePicture(own, sizes.look.width) };
  });
  const chosen = choosePictures(candidates, lengthSeconds(track));
  const taken = (kind: 'poster' | 'thumbnail') => (n: number) => ({
    ...sizes[kind],
    file: join(work.folder, kind, `${ticks[n]}.jpg`),
    atMs: Math.round(ticks[n]! / 90),
  });
  return {
    poster: taken('poster')(chosen.poster),
    thumbnails: chosen.thumbnails.map(taken('thumbnail')),
  };
}

function noWiderThan(most: number, { width, height }: Size): Size {
  const factor = Math.min(1, most / width);
  const scaled = (length: number) => Math.max(1, Math.round(length * factor));
  return { width: scaled(width), height: scaled(height) };
}

/** Of levels of grey. */
const bytesOf = ({ width, height }: Size) => width * height;

interface Decoded {
  /** Of all candidates, one behind the other. */
  levels: Buffer;
  /** When each is shown. */
  ticks: number[];
}

async function decode(
  clipFile: string,
  track: MovieTrack,
  pictures: ClipPictures,
  sizes: Readonly<Record<'poster' | 'thumbnail' | 'look', Size>>,
  work: MediaWork,
): Promise<Decoded> {
  const { areKeys, atSeconds } = planCandidates(track);
  const isWanted = atSeconds.map(
    (at) => `between(t\\,${(at - NEAR).toFixed(6)}\\,${(at + NEAR).toFixed(6)})`,
  );
  const { format, size } = pictures;
  const abilities = await frameAbilities(format ? [format] : []);
  const sdr = sdrFilters(format, size.height, abilities);
  const filtersOf = (kind: keyof typeof sizes, scaling: string, pixels: string) =>
    [
      ...[...progressive(pictures, areKeys), `select=${isWanted.join('+')}`, ...sdr.filters],
      ...[...shownAs(sizes[kind], `${sdr.scaling}${scaling}`), `format=${pixels}`],
    ].join(',');
  const jpegs = (['poster', 'thumbnail'] as const).flatMap((kind) => [
    // JPEG files are taken to have the colours of BT.601, in full range.
    ...['-map', '0:v:0', '-vf'],
    filtersOf(kind, ':out_color_matrix=bt601:out_range=full', 'yuvj420p'),
    ...[...OWN_TIMES, '-c:v', 'mjpeg', '-q:v', '3', '-flags', '+bitexact'],
    // Each file is called by when it is shown, in ticks.
    ...['-f', 'image2', '-frame_pts', '1', `${work.folder.replaceAll('%', '%%')}/${kind}/%d.jpg`],
  ]);
  for (const kind of ['poster', 'thumbnail']) await mkdir(join(work.folder, kind));
  const parts: Buffer[] = [];
  const output = work.ffmpegOutput([
    ...[...(areKeys ? ['-discard', 'nokey'] : []), ...inputFile(clipFile, 'mov')],
    ...jpegs,
    ...['-map', '0:v:0', '-vf', filtersOf('look', ':out_range=full', 'gray')],
    ...[...OWN_TIMES, '-f', 'rawvideo', 'pipe:1'],
  ]);
  for await (const part of output) parts.push(part);
  const names = await readdir(join(work.folder, 'poster'));
  const ticks = names.map((name) => Number.parseInt(name, 10)).sort((a, b) => a - b);
  const levels = Buffer.concat(parts);
  if (ticks.length === 0 || levels.length !== ticks.length * bytesOf(sizes.look)) {
    throw new OutputCheckError('its frames cannot all be decoded');
  }
  return { levels, ticks };
}
