import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { clipEncoder } from '../cut/encoder.ts';
import { colourFilters } from '../cut/frame-filters.ts';
import { PLAIN_TARGET } from '../cut/frame-target.ts';
import type { MediaWork } from '../ffmpeg/media-work.ts';
import { inputFeed, inputFile } from '../ffmpeg/run.ts';
import type { FrameClock } from '../sound/encode-aac.ts';
import type { AlikeSegments } from './alike-segments.ts';
import type { JoinedSound } from './joined-sound.ts';
import type { SegmentFiles } from './segment-files.ts';

/**
 * Writes a clip by FFmpeg alone, its pictures encoded anew: nothing that can have failed when copying is used
 * again. Without pictures, there is only the sound.
 * @throws MediaToolError, or TransientError `ABORTED` when the signal fired
 */
export async function encodeClip(
  file: string,
  segments: readonly SegmentFiles[],
  sound: JoinedSound | undefined,
  { target = PLAIN_TARGET, from }: Pick<AlikeSegments, 'target' | 'from'>,
  work: MediaWork,
): Promise<void> {
  const hasPictures = segments.some(({ videoFile }) => videoFile);
  const filters = colourFilters(from, target, from?.height ?? 0);
  const frameTicks = averageFrameTicks(segments);
  await work.ffmpeg(
    [
      ...(hasPictures ? await picturesIn(segments, work.folder) : []),
      ...(sound ? [...early(sound.clock), ...inputFeed(0, 'aac')] : []),
      ...(hasPictures ? ['-map', '0:v:0', ...clipEncoder(target, frameTicks)] : []),
      ...(hasPictures ? ['-fps_mode', 'passthrough', '-vf', filters.join(',')] : []),
      ...(sound ? ['-map', `${hasPictures ? 1 : 0}:a:0`, '-c:a', 'copy'] : []),
      ...(sound ? ['-bsf:a', lastFrameShortened(sound.clock)] : []),
      ...['-video_track_timescale', '90000', '-movflags', '+faststart', '-f', 'mp4', file],
    ],
    sound ? [sound.frames] : [],
    segments.reduce((sum, { frameCount }) => sum + frameCount, 0),
  );
}

function averageFrameTicks(segments: readonly SegmentFiles[]): number {
  const ticks = segments.reduce((sum, { durationTicks }) => sum + durationTicks, 0);
  return (
    ticks /
    Math.max(
      1,
      segments.reduce((sum, { frameCount }) => sum + frameCount, 0),
    )
  );
}

async function picturesIn(segments: readonly SegmentFiles[], folder: string): Promise<string[]> {
  const listFile = join(folder, 'segments.txt');
  await writeFile(listFile, concatList(segments));
  // The demuxer looks for itself what its files are: nothing but what the extractor writes.
  return ['-format_whitelist', 'concat,mov', '-safe', '0', ...inputFile(listFile, 'concat')];
}

/**
 * The list for FFmpeg's concat demuxer. Durations are stated, not guessed from the files: the demuxer
 * puts each file's first frame where the one before ends.
 */
function concatList(segments: readonly SegmentFiles[]): string {
  const entries = segments.map(({ videoFile, durationTicks }) => {
    const durationUs = Math.round((durationTicks * 1e6) / 90_000);
    return `file 'file:${videoFile}'\nduration ${durationUs}us\n`;
  });
  return `ffconcat version 1.0\n${entries.join('')}`;
}

/** What the encoder puts in front comes before time 0: players skip it. */
const early = ({ primingSamples, rate }: FrameClock) =>
  primingSamples > 0 ? ['-itsoffset', (-primingSamples / rate).toFixed(6)] : [];

/** ADTS knows only whole frames; the clip ends where its last picture does. */
function lastFrameShortened({ frameCount, frameSamples, sampleCount }: FrameClock): string {
  const last = sampleCount - (frameCount - 1) * frameSamples;
  return `setts=duration=if(eq(N\\,${frameCount - 1})\\,DURATION*${last}/${frameSamples}\\,DURATION)`;
}
