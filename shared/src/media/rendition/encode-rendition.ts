import { join } from 'node:path';
import type { RenditionName } from '../../events/cut-options.ts';
import { OWN_TIMES } from '../cut/encoder.ts';
import { colourFilters, tagOptions } from '../cut/frame-filters.ts';
import { targetOf } from '../cut/frame-target.ts';
import { frameAbilities } from '../ffmpeg/abilities.ts';
import type { MediaWork } from '../ffmpeg/media-work.ts';
import { inputFile } from '../ffmpeg/run.ts';
import { type ClipPictures, progressive, shownAs } from '../finished/probe-clip.ts';
import { inspectClip } from '../join/inspect-clip.ts';
import { OutputCheckError } from '../output-check-error.ts';
import type { Size } from '../source/media-index.ts';

/**
 * Of each second at most, so that who has just this much can watch: Apple recommends about as much in its
 * HLS Authoring Specification.
 */
const MOST_BITS: Readonly<Record<RenditionName, number>> = {
  '720p': 4_500_000,
  '1080p': 8_000_000,
};

/** How far FFmpeg may be off when it rounds the times of key pictures; pictures are further apart. */
const ROUNDING_SECONDS = 0.001;

/** Whatever the clip is: every player shows H.264 of 8 bits. */
const AS_PLAYERS_EXPECT = { allowHevc: false, hdr: 'tonemap', deinterlace: 'frame' } as const;

/** What a rendition is made of, and how. */
export interface RenditionPlan {
  name: RenditionName;
  size: Size;
  pictures: ClipPictures;
  /** Where key pictures are needed, in seconds from the first picture. */
  keysSeconds: readonly number[];
}

/**
 * Encodes the pictures of a clip anew in another size, each at its own time. The sound, which is AAC in every
 * clip, is copied.
 * @returns an MP4 with its header in front
 * @throws MediaToolError when FFmpeg fails; OutputCheckError when what it makes is not all of the clip
 */
export async function encodeRendition(
  clipFile: string,
  { name, size, pictures, keysSeconds }: RenditionPlan,
  work: MediaWork,
): Promise<string> {
  const file = join(work.folder, `${name}.mp4`);
  const mostBits = MOST_BITS[name];
  const { format } = pictures;
  const formats = format ? [format] : [];
  const target = targetOf(formats, AS_PLAYERS_EXPECT, await frameAbilities(formats));
  const filters = [
    ...[...progressive(pictures), ...shownAs(size)],
    ...colourFilters(format, target, pictures.size.height),
  ];
  await work.ffmpeg([
    ...[...inputFile(clipFile, 'mov'), '-map', '0:v:0', '-map', '0:a:0?'],
    ...['-vf', filters.join(','), ...tagOptions(target.colour)],
    ...[...OWN_TIMES, '-c:v', 'libx264', '-preset', 'veryfast', '-crf', '21', '-profile:v', 'high'],
    ...['-maxrate', String(mostBits), '-bufsize', String(2 * mostBits)],
    ...['-x264-params', 'keyint=infinite', '-force_key_frames', keyTimes(keysSeconds)],
    ...['-c:a', 'copy', '-movie_timescale', '90000', '-video_track_timescale', '90000'],
    ...['-movflags', '+faststart', '-f', 'mp4', file],
  ]);
  const [made, clip] = [await inspectClip(file), await inspectClip(clipFile)];
  const isWhole =
    made.isInOrder &&
    made.times.length === clip.times.length &&
    made.times.every((time, n) => Math.abs(time - clip.times[n]!) < 90 * 1_000 * ROUNDING_SECONDS);
  if (isWhole) return file;
  throw new OutputCheckError(
    made.times.length === clip.times.length
      ? 'frames come at other times than in the clip'
      : `it has ${made.times.length} frames, the clip ${clip.times.length}`,
  );
}

/** FFmpeg takes the first picture from then on. */
const keyTimes = (keysSeconds: readonly number[]): string =>
  keysSeconds.map((seconds) => Math.max(0, seconds - ROUNDING_SECONDS).toFixed(6)).join(',');
