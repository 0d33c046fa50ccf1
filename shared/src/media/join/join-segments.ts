import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PermanentError } from '../../errors.ts';
import { ENCODER } from '../cut/encode-like.ts';
import { SAMPLE_RATE } from '../cut/segment-sound.ts';
import { ffmpeg, MediaToolError, stopped } from '../ffmpeg/run.ts';
import { NotCopyableError } from '../not-copyable.ts';
import { writeUnits } from '../transport-stream/write-units.ts';
import { inspectVideo } from './inspect-video.ts';
import { joinedUnits } from './joined-units.ts';

/** At this bit rate the `fast` coder is, as FFmpeg's manual says, the better one, and takes half the time. */
const SOUND_ENCODER = ['-c:a', 'aac', '-aac_coder', 'fast', '-b:a', '160k'] as const;

/** One segment on local disk. */
export interface SegmentFiles {
  videoFile: string;
  audioFile?: string;
  frameCount: number;
  durationUs: number;
}

export interface JoinResult {
  clipFile: string;
  frameCount: number;
  durationUs: number;
  ffmpegMs: number;
  method: 'copied' | 'reencoded';
  /** Why the picture had to be encoded again. */
  reason?: string;
}

/**
 * Joins segments into one MP4. The picture is copied; when the segments do not fit together, or what comes
 * out is not what should, the picture is encoded once more. The sound is encoded once over the whole clip,
 * so there is no encoder's priming at a join.
 * @throws PermanentError `STITCH_FAILED` when re-encoding fails, too, or TransientError `ABORTED` when the
 * signal fired
 */
export async function joinSegments(
  segments: readonly SegmentFiles[],
  folder: string,
  signal: AbortSignal,
): Promise<JoinResult> {
  try {
    return await joinBy('copied', segments, folder, signal);
  } catch (error) {
    if (signal.aborted) throw stopped();
    if (!isMediaProblem(error)) throw error;
    const reason = error.message;
    try {
      return { ...(await joinBy('reencoded', segments, folder, signal)), reason };
    } catch (error) {
      if (!isMediaProblem(error)) throw error;
      throw new PermanentError(
        'STITCH_FAILED',
        `The segments cannot be joined, neither by copying (${reason}) nor by re-encoding (${error.message}): request the clip again.`,
        { cause: error },
      );
    }
  }
}

const isMediaProblem = (error: unknown): error is Error =>
  error instanceof NotCopyableError || error instanceof MediaToolError;

async function joinBy(
  method: JoinResult['method'],
  segments: readonly SegmentFiles[],
  folder: string,
  signal: AbortSignal,
): Promise<JoinResult> {
  const clipFile = join(folder, 'clip.mp4');
  const picture =
    method === 'copied'
      ? await copiedPicture(segments, signal)
      : await reencodedPicture(segments, folder);
  const hasAudio = segments.every((segment) => segment.audioFile);
  const sounds = hasAudio ? segments.map((segment) => segment.audioFile!) : [];
  const joined = await ffmpeg(
    [
      ...picture.input,
      ...sounds.flatMap((file) => ['-i', file]),
      ...(hasAudio ? ['-filter_complex', audioJoin(segments)] : []),
      ...['-map', '0:v:0', ...picture.output],
      ...(hasAudio ? ['-map', '[sound]', ...SOUND_ENCODER] : []),
      ...['-video_track_timescale', '90000', '-movflags', '+faststart', '-f', 'mp4', clipFile],
    ],
    signal,
    picture.packets,
  );
  const frameCount = segments.reduce((sum, segment) => sum + segment.frameCount, 0);
  const made = await inspectVideo(clipFile, signal);
  const isAsGiven = !picture.pts || haveSameDistances(made.pts, picture.pts);
  if (made.frameCount !== frameCount || !made.isInOrder || !isAsGiven) {
    const found = isAsGiven ? 'frames were lost' : 'the times are not those that were given';
    throw new MediaToolError('ffmpeg', `${made.frameCount} of ${frameCount} frames`, found);
  }
  return {
    clipFile,
    frameCount,
    durationUs: segments.reduce((sum, segment) => sum + segment.durationUs, 0),
    ffmpegMs: joined.elapsedMs + made.elapsedMs,
    method,
  };
}

const haveSameDistances = (made: readonly (number | undefined)[], given: readonly number[]) =>
  made.every((pts, n) => pts! - made[0]! === given[n]! - given[0]!);

/** FFmpeg's options for the picture. */
interface PictureSource {
  input: string[];
  output: string[];
  /** What it shall read from its standard input. */
  packets?: AsyncIterable<Buffer>;
  /** The presentation times that must come out, in decoding order. */
  pts?: number[];
}

async function copiedPicture(
  segments: readonly SegmentFiles[],
  signal: AbortSignal,
): Promise<PictureSource> {
  const { units, pts, lastFrameTicks } = await joinedUnits(segments, signal);
  return {
    input: ['-protocol_whitelist', 'pipe,file', '-f', 'mpegts', '-i', 'pipe:0'],
    // The last picture lasts as long as it is told to: no next one says when it ends.
    output: ['-c:v', 'copy', '-bsf:v', `setts=pts=PTS:dts=DTS:duration=${lastFrameTicks}`],
    pts,
    packets: writeUnits(units),
  };
}

/** By FFmpeg alone: nothing that can have failed when copying is used again. */
async function reencodedPicture(
  segments: readonly SegmentFiles[],
  folder: string,
): Promise<PictureSource> {
  const listFile = join(folder, 'segments.txt');
  await writeFile(listFile, concatList(segments));
  return {
    input: ['-protocol_whitelist', 'file', '-f', 'concat', '-safe', '0', '-i', listFile],
    output: [...ENCODER, '-fps_mode', 'passthrough'],
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
