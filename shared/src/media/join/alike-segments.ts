import { join } from 'node:path';
import { isHdr, isSameColour } from '../codecs/colour.ts';
import { type FrameFormat, formatOfSet } from '../codecs/frame-format.ts';
import { type Mastering, masteringIn } from '../codecs/mastering.ts';
import { OWN_TIMES, ownEncoder } from '../cut/encoder.ts';
import { colourFilters, progressiveFilters } from '../cut/frame-filters.ts';
import { type FrameTarget, lossesOf, targetOf } from '../cut/frame-target.ts';
import { frameAbilities } from '../ffmpeg/abilities.ts';
import type { MediaWork } from '../ffmpeg/media-work.ts';
import { inputFile } from '../ffmpeg/run.ts';
import { toAnnexB } from '../mp4/annex-b.ts';
import { readMovieBody } from '../mp4/boxes.ts';
import { readMovie, readTrackHeaders } from '../mp4/movie/read-movie.ts';
import { readSampleEntry } from '../mp4/tracks/initialization.ts';
import { readPictureFormat } from '../mp4/tracks/picture-format.ts';
import { NotCopyableError } from '../not-copyable.ts';
import { FileReader } from '../source/file-reader.ts';
import type { Size, VideoCodec } from '../source/media-index.ts';
import type { MediaWarning } from '../warnings.ts';
import { firstFieldOf } from './probe-fields.ts';
import type { SegmentFiles } from './segment-files.ts';

/** Segments whose frames are to be understood alike, so that one header speaks for all. */
export interface AlikeSegments {
  segments: readonly SegmentFiles[];
  /** How a clip of them is encoded, where it has to be; absent: there are only sounds. */
  target?: FrameTarget;
  /** Why some were encoded for it; absent: none was. */
  reason?: string;
  /** In what those are less than they were. */
  warnings: SegmentWarning[];
  /** What the frames of all these segments are. */
  from?: SegmentFormat;
  /** In what frames are less where all are encoded together. */
  losses: SegmentWarning[];
}

type SegmentWarning = MediaWarning & { segmentIndex: number };

type SegmentFormat = FrameFormat & Size & { codec: VideoCodec };

/**
 * A file's header tells colours once, and players believe it: segments that differ from the first in them are
 * encoded to be like it.
 * @throws NotCopyableError or MediaToolError
 */
export async function alikeSegments(
  segments: readonly SegmentFiles[],
  work: MediaWork,
): Promise<AlikeSegments> {
  const formats: (SegmentFormat | undefined)[] = await Promise.all(
    segments.map(({ videoFile }) => (videoFile ? formatOf(videoFile, work) : undefined)),
  ).catch((error) => {
    // What is wrong with them is told better by those who join them.
    if (error instanceof NotCopyableError) return [];
    throw error;
  });
  const known = formats.filter((format) => format !== undefined);
  if (known.length === 0) return { segments, warnings: [], losses: [] };
  const options = {
    // HEVC comes only from where it was allowed.
    allowHevc: known.some(({ codec }) => codec === 'hevc'),
    hdr: 'keep' as const,
    deinterlace: known.every(({ isInterlaced }) => isInterlaced)
      ? ('off' as const)
      : ('frame' as const),
  };
  const mastering = await masteringOf(segments, known);
  const target = {
    ...targetOf(known, options, await frameAbilities(known)),
    ...(mastering ? { mastering } : {}),
  };
  const lossesAt = (segmentIndex: number) => {
    const format = formats[segmentIndex];
    const losses = format ? lossesOf([format], target, options) : [];
    return losses.map((loss) => ({ ...loss, segmentIndex }));
  };
  const losses = formats.flatMap((_, n) => lossesAt(n));
  const alike: AlikeSegments = { segments, target, warnings: [], from: known[0]!, losses };
  const isAlike = ({ codec, bitDepth, colour, isInterlaced }: SegmentFormat) =>
    codec === target.codec &&
    bitDepth === target.bitDepth &&
    isSameColour(colour, target.colour) &&
    (!isInterlaced || target.interlaced === 'kept');
  const isSame = ({ codec, bitDepth, colour, isInterlaced }: SegmentFormat) =>
    codec === known[0]!.codec &&
    bitDepth === known[0]!.bitDepth &&
    isSameColour(colour, known[0]!.colour) &&
    isInterlaced === known[0]!.isInterlaced;
  if (known.every(isSame)) return alike;
  const changed = [...segments];
  for (const [segmentIndex, format] of formats.entries()) {
    if (!format || isAlike(format)) continue;
    const file = join(work.folder, `alike-${segmentIndex}.mp4`);
    const { videoFile, frameCount, durationTicks } = segments[segmentIndex]!;
    const filters = [
      ...progressiveFilters([format], target),
      ...colourFilters(format, target, format.height),
    ];
    await work.ffmpeg(
      [
        ...[...inputFile(videoFile!, 'mov'), '-map', '0:v:0', '-vf', filters.join(',')],
        ...[
          ...OWN_TIMES,
          ...ownEncoder(segmentIndex + PLACES_OF_SEGMENTS, target, durationTicks / frameCount),
        ],
        ...(target.codec === 'hevc' ? ['-tag:v', 'hvc1'] : []),
        ...['-video_track_timescale', '90000', '-movie_timescale', '90000', '-f', 'mp4', file],
      ],
      [],
      frameCount,
    );
    changed[segmentIndex] = { ...segments[segmentIndex]!, videoFile: file };
    alike.warnings.push(...lossesAt(segmentIndex));
  }
  return {
    ...alike,
    segments: changed,
    from: madeFor(target, known[0]!),
    reason: 'the segments differ in codec, depth or colour, or only some are interlaced',
  };
}

/** What frames are that were encoded for a target. */
const madeFor = (
  { codec, bitDepth, colour, interlaced, firstField }: FrameTarget,
  { width, height }: Size,
): SegmentFormat => ({
  ...{ codec, bitDepth, colour, width, height, isSubsampled: true },
  isInterlaced: interlaced === 'kept' && firstField !== undefined,
  ...(firstField && { firstField }),
});

/** Of HDR, for which screen it was made, as the first picture says. */
async function masteringOf(
  segments: readonly SegmentFiles[],
  formats: readonly SegmentFormat[],
): Promise<Mastering | undefined> {
  const [format] = formats;
  const file = segments.find(({ videoFile }) => videoFile)?.videoFile;
  if (!file || format?.codec !== 'hevc' || !isHdr(format.colour)) return undefined;
  const [track] = await readMovie(file);
  const [first] = track?.samples ?? [];
  const entry = track && readPictureFormat(readSampleEntry(track.description));
  if (!first || !entry) return undefined;
  const reader = new FileReader();
  try {
    const sample = await reader.read(file, first.start, first.end);
    const unit = { isIdr: true, isKey: true, sps: [], pps: [], ...first, file: 0 };
    return masteringIn(format.codec, toAnnexB(sample, unit, entry));
  } finally {
    await reader.close();
  }
}

/** Ids of parameter sets that are not those of segments encoded as a whole. */
const PLACES_OF_SEGMENTS = 8;

async function formatOf(file: string, work: MediaWork): Promise<SegmentFormat> {
  const movie = await readMovieBody(file);
  const [track] = movie ? readTrackHeaders(movie) : [];
  const entry = track && readPictureFormat(readSampleEntry(track.description));
  if (!entry?.sps[0]) throw new NotCopyableError('a segment does not hold what it should');
  const format = { codec: entry.codec, ...formatOfSet(entry.codec, entry.sps[0]) };
  if (!format.isInterlaced) return format;
  const firstField = await firstFieldOf(file, work);
  return { ...format, isInterlaced: firstField !== undefined, ...(firstField && { firstField }) };
}
