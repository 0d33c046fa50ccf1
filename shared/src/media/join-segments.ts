import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PermanentError } from '../errors.ts';
import { inspectVideo, SAMPLE_RATE } from './cut-segment.ts';
import { ffmpeg, MediaToolError } from './run.ts';

/** One segment on local disk. */
export interface SegmentFiles {
  videoFile: string;
  audioFile?: string;
  frameCount: number;
  durationUs: number;
  videoParametersHash: string;
}

export interface JoinResult {
  clipFile: string;
  frameCount: number;
  durationUs: number;
  ffmpegMs: number;
  method: 'copied' | 'reencoded';
}

/**
 * Joins segments into one MP4. The picture is copied; when the segments do not fit together or copying
 * fails, the picture is encoded once more. The sound is encoded once over the whole clip, so there is no
 * encoder's priming at a join.
 * @throws PermanentError `STITCH_FAILED` when re-encoding fails, too
 */
export async function joinSegments(
  segments: readonly SegmentFiles[],
  folder: string,
  signal: AbortSignal,
): Promise<JoinResult> {
  const fitTogether = new Set(segments.map((segment) => segment.videoParametersHash)).size === 1;
  let copyProblem = 'the segments differ in their encoding';
  if (fitTogether) {
    try {
      return await joinBy('copied', segments, folder, signal);
    } catch (error) {
      if (!(error instanceof MediaToolError)) throw error;
      copyProblem = error.message;
    }
  }
  try {
    return await joinBy('reencoded', segments, folder, signal);
  } catch (error) {
    if (!(error instanceof MediaToolError)) throw error;
    throw new PermanentError(
      'STITCH_FAILED',
      `The segments cannot be joined, neither by copying (${copyProblem}) nor by re-encoding (${error.message}): request the clip again.`,
      { cause: error },
    );
  }
}

async function joinBy(
  method: JoinResult['method'],
  segments: readonly SegmentFiles[],
  folder: string,
  signal: AbortSignal,
): Promise<JoinResult> {
  const clipFile = join(folder, 'clip.mp4');
  const listFile = join(folder, 'segments.txt');
  await writeFile(listFile, concatList(segments));
  const hasAudio = segments.every((segment) => segment.audioFile);
  const sounds = hasAudio ? segments.map((segment) => segment.audioFile!) : [];
  const encode = [
    '-c:v',
    'libx264',
    '-preset',
    'veryfast',
    '-crf',
    '18',
    '-fps_mode',
    'passthrough',
  ];
  const joined = await ffmpeg(
    [
      ...['-protocol_whitelist', 'file', '-f', 'concat', '-safe', '0', '-i', listFile],
      ...sounds.flatMap((file) => ['-i', file]),
      ...(hasAudio ? ['-filter_complex', audioJoin(segments)] : []),
      ...['-map', '0:v:0', ...(method === 'copied' ? ['-c:v', 'copy'] : encode)],
      ...(hasAudio ? ['-map', '[sound]', '-c:a', 'aac', '-b:a', '160k'] : []),
      ...['-video_track_timescale', '90000', '-movflags', '+faststart', '-f', 'mp4', clipFile],
    ],
    signal,
  );
  const frameCount = segments.reduce((sum, segment) => sum + segment.frameCount, 0);
  const made = await inspectVideo(clipFile, signal);
  if (made.frameCount !== frameCount) {
    throw new MediaToolError(
      'ffmpeg',
      `${made.frameCount} of ${frameCount} frames`,
      'frames were lost',
    );
  }
  return {
    clipFile,
    frameCount,
    durationUs: segments.reduce((sum, segment) => sum + segment.durationUs, 0),
    ffmpegMs: joined.elapsedMs + made.elapsedMs,
    method,
  };
}

/**
 * The list for FFmpeg's concat demuxer. Durations are stated, not guessed from the files: the demuxer
 * puts each file's first frame where the one before ends.
 */
function concatList(segments: readonly SegmentFiles[]): string {
  const entries = segments.map(
    ({ videoFile, durationUs }) => `file 'file:${videoFile}'\nduration ${durationUs}us\n`,
  );
  return `ffconcat version 1.0\n${entries.join('')}`;
}

/**
 * Cuts each segment's sound on the clip's running clock: rounding to samples never adds up, however
 * many segments there are.
 */
function audioJoin(segments: readonly SegmentFiles[]): string {
  let endUs = 0;
  let from = 0;
  const parts = segments.map((segment, index) => {
    endUs += segment.durationUs;
    const to = Math.round((endUs * SAMPLE_RATE) / 1e6);
    const samples = to - from;
    from = to;
    return `[${index + 1}:a:0]apad=whole_len=${samples},atrim=end_sample=${samples}[a${index}]`;
  });
  const inputs = segments.map((_, index) => `[a${index}]`).join('');
  return `${parts.join(';')};${inputs}concat=n=${segments.length}:v=0:a=1[sound]`;
}
