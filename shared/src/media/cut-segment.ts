import { join } from 'node:path';
import * as z from 'zod';
import { PermanentError } from '../errors.ts';
import type { Demuxer } from './frame-index.ts';
import { ffmpeg, ffprobe, inputFile, MediaToolError } from './run.ts';
import type { WantedFrames } from './wanted-frames.ts';

/** Sample rate of all sound on its way through the pipeline. */
export const SAMPLE_RATE = 48_000;

export interface CutRequest {
  /** The chunks, joined byte by byte. */
  source: string;
  demuxer: Demuxer;
  wanted: WantedFrames;
  /** Length of a tick of `wanted`, in microseconds. */
  tickUs: number;
  hasAudio: boolean;
  /** Existing folder for the files to be made. */
  folder: string;
}

export interface CutResult {
  /** H.264 without B-frames in MPEG-TS. */
  videoFile: string;
  /** FLAC, 48 kHz stereo, as long as the picture. */
  audioFile?: string;
  videoParametersHash: string;
  ffmpegMs: number;
}

/**
 * Cuts one segment to the frame, by decoding and encoding. The output is made to be joined by copying:
 * without B-frames decode order is presentation order, so no join can ask for a time before another's,
 * and the sound stays lossless until the whole clip is encoded once.
 * @throws PermanentError `CHUNK_UNDECODABLE`
 */
export async function cutSegment(request: CutRequest, signal: AbortSignal): Promise<CutResult> {
  const videoFile = join(request.folder, 'segment.ts');
  const audioFile = request.hasAudio ? join(request.folder, 'segment.flac') : undefined;
  try {
    const cut = await ffmpeg(cutArguments(request, videoFile, audioFile), signal);
    const made = await inspectVideo(videoFile, signal);
    if (made.frameCount !== request.wanted.frameCount) {
      throw undecodable(
        `only ${made.frameCount} of the ${request.wanted.frameCount} pictures could be decoded`,
      );
    }
    return {
      videoFile,
      audioFile,
      videoParametersHash: made.parametersHash,
      ffmpegMs: cut.elapsedMs + made.elapsedMs,
    };
  } catch (error) {
    if (error instanceof MediaToolError) throw undecodable(error.lastLines, error);
    throw error;
  }
}

function undecodable(reason: string, cause?: unknown): PermanentError {
  return new PermanentError(
    'CHUNK_UNDECODABLE',
    `The chunks of the segment cannot be decoded (${reason}): package the episode again.`,
    { cause },
  );
}

function cutArguments(request: CutRequest, videoFile: string, audioFile?: string): string[] {
  const filters = [videoFilter(request.wanted)];
  if (audioFile) filters.push(audioFilter(request));
  return [
    // The source's own clock, so that trim and atrim mean the times of the index.
    '-copyts',
    ...inputFile(request.source, request.demuxer),
    '-filter_complex',
    filters.join(';'),
    ...['-map', '[picture]', '-c:v', 'libx264', '-preset', 'veryfast', '-crf', '18', '-bf', '0'],
    // Every frame at its own time: nothing doubled or dropped to reach a constant rate.
    ...['-fps_mode', 'passthrough', '-enc_time_base', '1:90000'],
    ...['-muxdelay', '0', '-muxpreload', '0', '-f', 'mpegts', videoFile],
    ...(audioFile ? ['-map', '[sound]', '-c:a', 'flac', '-f', 'flac', audioFile] : []),
  ];
}

/** trim counts in ticks; `-ss` with re-encoding was measured 16 frames off. */
function videoFilter({ firstPts, endPts }: WantedFrames): string {
  const trim = `trim=start_pts=${firstPts}:end_pts=${endPts},setpts=PTS-${firstPts}`;
  // 4:2:0 needs even sides; every browser plays 8-bit 4:2:0, and not every one more.
  return `[0:v:0]${trim},scale=trunc(iw/2)*2:trunc(ih/2)*2,format=yuv420p[picture]`;
}

/** The sound of exactly the time the pictures take: holes and missing ends become silence. */
function audioFilter({ wanted, tickUs }: CutRequest): string {
  const startSeconds = ((wanted.firstPts * tickUs) / 1e6).toFixed(6);
  const endSeconds = ((wanted.endPts * tickUs) / 1e6).toFixed(6);
  const samples = Math.ceil((wanted.durationUs * SAMPLE_RATE) / 1e6);
  return [
    `[0:a:0]aresample=${SAMPLE_RATE}`,
    'aformat=sample_fmts=s16:channel_layouts=stereo',
    `atrim=start=${startSeconds}:end=${endSeconds}`,
    `asetpts=PTS-${startSeconds}/TB`,
    'aresample=async=1:min_hard_comp=0.01:first_pts=0',
    `apad=whole_len=${samples}`,
    `atrim=end_sample=${samples}[sound]`,
  ].join(',');
}

const videoSchema = z.object({
  streams: z
    .array(z.object({ nb_read_packets: z.coerce.number(), extradata_hash: z.string().default('') }))
    .length(1),
});

/** Counts what was really made, and hashes its parameter sets. */
export async function inspectVideo(file: string, signal: AbortSignal) {
  const { stdout, elapsedMs } = await ffprobe(
    [
      ...['-i', file, '-select_streams', 'v:0', '-count_packets', '-show_data_hash', 'MD5'],
      ...['-show_entries', 'stream=nb_read_packets,extradata_hash', '-of', 'json'],
    ],
    signal,
  );
  const stream = videoSchema.parse(JSON.parse(stdout)).streams[0]!;
  return {
    frameCount: stream.nb_read_packets,
    parametersHash: stream.extradata_hash.replace(/^MD5:/, ''),
    elapsedMs,
  };
}
