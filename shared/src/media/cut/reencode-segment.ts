import { join } from 'node:path';
import { ffmpeg, inputFile, MediaToolError } from '../ffmpeg/run.ts';
import { inspectVideo } from '../join/inspect-video.ts';
import type { WantedFrames } from '../source/wanted-frames.ts';
import type { CutRequest, CutResult } from './cut-segment.ts';
import { ENCODER, OWN_TIMES } from './encode-like.ts';
import { segmentSound, soundOutput } from './segment-sound.ts';

/** One that sources hardly use: what is encoded here may stand beside copied pictures in one clip. */
const SET_ID = 31;

/**
 * Cuts one segment to the frame by decoding and encoding all of it, whatever the source is.
 * @throws MediaToolError when the pictures cannot be decoded, or not all of them
 */
export async function reencodeSegment(
  request: CutRequest,
  signal: AbortSignal,
): Promise<CutResult> {
  const { wanted, index, source, demuxer, folder } = request;
  const videoFile = join(folder, 'segment.ts');
  const audioFile = request.hasAudio ? join(folder, 'segment.flac') : undefined;
  const filters = [pictureFilter(wanted)];
  if (audioFile) filters.push(segmentSound(0, wanted, index.tickUs));
  const cut = await ffmpeg(
    [
      // The source's own clock, so that trim and atrim mean the times of the index.
      ...['-copyts', ...inputFile(source, demuxer), '-filter_complex', filters.join(';')],
      ...['-map', '[picture]', ...ENCODER, '-bf', '0', '-x264-params', `sps-id=${SET_ID}:aud=1`],
      ...[...OWN_TIMES, '-muxdelay', '0', '-muxpreload', '0', '-f', 'mpegts', videoFile],
      ...(audioFile ? soundOutput(audioFile) : []),
    ],
    signal,
  );
  const made = await inspectVideo(videoFile, signal);
  if (made.frameCount !== wanted.frameCount) {
    const lack = `only ${made.frameCount} of the ${wanted.frameCount} pictures could be decoded`;
    throw new MediaToolError('ffmpeg', 'too few pictures', lack);
  }
  return {
    videoFile,
    audioFile,
    method: 'reencoded',
    framesEncoded: wanted.frameCount,
    ffmpegMs: cut.elapsedMs + made.elapsedMs,
  };
}

/** trim counts in ticks; `-ss` with re-encoding was measured 16 frames off. */
function pictureFilter({ firstPts, endPts }: WantedFrames): string {
  const trim = `trim=start_pts=${firstPts}:end_pts=${endPts},setpts=PTS-${firstPts}`;
  // 4:2:0 needs even sides; every browser plays 8-bit 4:2:0, and not every one more.
  return `[0:v:0]${trim},scale=trunc(iw/2)*2:trunc(ih/2)*2,format=yuv420p[picture]`;
}
