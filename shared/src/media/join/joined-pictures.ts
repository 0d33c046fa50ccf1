import { setsOfTrack } from '../codecs/track-sets.ts';
import { decodeTimes } from '../cut/presentation-order.ts';
import type { WrittenPicture } from '../mp4/movie/picture-track.ts';
import { type MovieTrack, readMovie } from '../mp4/movie/read-movie.ts';
import type { MovieSample } from '../mp4/movie/read-tables.ts';
import { readSampleEntry } from '../mp4/tracks/initialization.ts';
import { type PictureFormat, readPictureFormat } from '../mp4/tracks/picture-format.ts';
import { NotCopyableError } from '../not-copyable.ts';
import type { ParameterSetList, VideoCodec } from '../source/media-index.ts';
import { boundariesOf, type SegmentFiles } from './segment-files.ts';

/** A picture of the clip, where it lies in the file of its segment. */
export interface JoinedPicture extends WrittenPicture {
  file: string;
  start: number;
}

/** Pictures to be copied into one track. */
export interface JoinedPictures {
  codec: VideoCodec;
  sets: ParameterSetList;
  /** In decoding order; the first of them is shown at 0. */
  pictures: JoinedPicture[];
  /** When they are shown in the clip, ascending, in ticks of 90 kHz. */
  times: number[];
  /** How long the last of them is shown. */
  lastFrameTicks: number;
}

/**
 * The pictures of all segments on one clock.
 * @throws NotCopyableError when the segments do not fit together, or are not what they should be
 */
export async function joinedPictures(segments: readonly SegmentFiles[]): Promise<JoinedPictures> {
  const boundaries = boundariesOf(segments);
  const pieces = await Promise.all(
    segments.map((segment, n) => readPiece(segment, boundaries[n]!)),
  );
  const codecs = new Set(pieces.map(({ format }) => format.codec));
  const [codec] = codecs;
  if (!codec || codecs.size > 1) throw new NotCopyableError('the segments differ in their codec');
  const sets = setsOfTrack(
    codec,
    pieces.map(({ format }) => format),
  );
  const placed = pieces.flatMap(({ pictures }) => pictures);
  const dts = decodeTimes(placed.map(({ pts }) => pts));
  const times = placed.map(({ pts }) => pts).sort((a, b) => a - b);
  return {
    codec,
    sets,
    pictures: placed.map((picture, n) => ({ ...picture, dts: dts[n]! })),
    times,
    lastFrameTicks: boundaries.at(-1)! - times.at(-1)!,
  };
}

interface Piece {
  format: PictureFormat;
  pictures: Omit<JoinedPicture, 'dts'>[];
}

/** @param startTicks where the segment begins in the clip */
async function readPiece(segment: SegmentFiles, startTicks: number): Promise<Piece> {
  const file = segment.videoFile!;
  const [track] = await readMovie(file);
  const format = track && formatOf(track);
  const isWhole = track?.samples.length === segment.frameCount && track.samples[0]!.isSync;
  if (!format || !isWhole) throw new NotCopyableError('a segment does not hold what it should');
  const { samples, startsAt } = track;
  const shift = startTicks - startsAt;
  return { format, pictures: samples.map((sample) => placed(sample, file, shift)) };
}

const placed = ({ start, end, pts, isSync }: MovieSample, file: string, shift: number) => ({
  file,
  start,
  bytes: end - start,
  pts: pts + shift,
  isSync,
});

const formatOf = ({ description }: MovieTrack) => readPictureFormat(readSampleEntry(description));
