import { join } from 'node:path';
import { ffmpeg, inputFile } from '../ffmpeg/run.ts';
import { NotCopyableError, UnusualPackingError } from '../not-copyable.ts';
import type { FrameIndex } from '../source/frame-index.ts';
import { indexAccessUnits, type VideoIndex } from '../transport-stream/access-units.ts';
import { CLOCK_HZ } from '../transport-stream/packets.ts';
import type { CutRequest } from './cut-segment.ts';

/** fMP4 counts time in ticks of its own: rounding to 90 kHz may be off by one at either end. */
const ROUNDING_TICKS = 2;

/** The access units of a segment's source. */
export interface IndexedSource {
  video: VideoIndex;
  /** Presentation times of all of them, ascending. */
  shown: number[];
  /** How long FFmpeg took to lay them open; 0 where it need not. */
  ffmpegMs: number;
}

/**
 * Lists the access units of the chunks. What is no transport stream, or packs pictures in its own way, is
 * repacked into one first, by copying.
 * @throws NotCopyableError when they are not surely the pictures that FFmpeg finds
 */
export async function indexSource(
  request: CutRequest,
  signal: AbortSignal,
): Promise<IndexedSource> {
  const direct = await indexDirectly(request, signal);
  const { video, ffmpegMs } = direct
    ? { video: direct, ffmpegMs: 0 }
    : await indexRepacked(request, signal);
  const shown = video.units.map(({ pts }) => pts).sort((a, b) => a - b);
  assertSamePictures(shown, request.index);
  return { video, shown, ffmpegMs };
}

async function indexDirectly(
  { source, demuxer }: CutRequest,
  signal: AbortSignal,
): Promise<VideoIndex | undefined> {
  if (demuxer !== 'mpegts') return undefined;
  try {
    return await indexAccessUnits(source, signal);
  } catch (error) {
    if (error instanceof UnusualPackingError) return undefined;
    throw error;
  }
}

async function indexRepacked(
  { source, demuxer, folder }: CutRequest,
  signal: AbortSignal,
): Promise<Pick<IndexedSource, 'video' | 'ffmpegMs'>> {
  const repacked = join(folder, 'repacked.ts');
  const { elapsedMs } = await ffmpeg(
    [
      ...['-copyts', ...inputFile(source, demuxer), '-map', '0:v:0', '-c', 'copy', '-copyinkf'],
      ...['-muxdelay', '0', '-muxpreload', '0', '-f', 'mpegts', repacked],
    ],
    signal,
  );
  return { video: await indexAccessUnits(repacked, signal), ffmpegMs: elapsedMs };
}

/** Two ways of looking at the chunks must see the same: so many pictures, at the same distances. */
function assertSamePictures(shown: readonly number[], index: FrameIndex): void {
  const ticks = (index.tickUs * CLOCK_HZ) / 1e6;
  const isSame =
    shown.length === index.pts.length &&
    shown.every((pts, rank) => {
      const expected = (index.pts[rank]! - index.pts[0]!) * ticks;
      return Math.abs(pts - shown[0]! - expected) <= ROUNDING_TICKS;
    });
  if (!isSame) throw new NotCopyableError('the pictures of the chunks cannot be told for sure');
}
