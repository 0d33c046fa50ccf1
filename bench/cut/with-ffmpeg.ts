import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { runChild } from '#local/sample/child';
import { ffmpegPath } from '#shared/media/ffmpeg/run';
import {
  type CutOutcome,
  type CutTask,
  FRAMES_PER_SECOND,
  lengthMs,
  type Span,
} from './cut-task.ts';
import { inParallel } from './in-parallel.ts';

/** What one would type first: `-ss … -to … -c copy`, for each segment, and the concat demuxer. */
export async function copyWithFfmpeg({
  playlistPath,
  spans,
  folder,
}: CutTask): Promise<CutOutcome> {
  const startedAt = performance.now();
  const clipPath = join(folder, 'clip.mp4');
  const isOne = spans.length === 1;
  const files = spans.map((_, n) => (isOne ? clipPath : join(folder, `${n}.mp4`)));
  const bytes = await inParallel(spans, availableParallelism(), (span, n) =>
    ffmpeg([...segmentInput(span, playlistPath), '-c', 'copy', files[n]!]),
  );
  if (!isOne) {
    const list = join(folder, 'segments.txt');
    await writeFile(list, files.map((file) => `file '${file}'\n`).join(''));
    await ffmpeg(['-f', 'concat', '-safe', '0', '-i', list, '-c', 'copy', clipPath]);
  }
  return {
    clipPath,
    wallMs: performance.now() - startedAt,
    bytesRead: bytes.reduce((sum, one) => sum + one, 0),
    framesEncoded: 0,
  };
}

/** Exact: FFmpeg decodes from the key frame before and drops what comes too early; one process for all. */
export async function encodeWithFfmpeg({
  playlistPath,
  spans,
  folder,
}: CutTask): Promise<CutOutcome> {
  const startedAt = performance.now();
  const clipPath = join(folder, 'clip.mp4');
  const labels = spans.map((_, n) => `[${n}:v][${n}:a]`).join('');
  const bytesRead = await ffmpeg([
    ...spans.flatMap((span) => segmentInput(span, playlistPath)),
    ...['-filter_complex', `${labels}concat=n=${spans.length}:v=1:a=1[v][a]`],
    ...['-map', '[v]', '-map', '[a]', '-fps_mode', 'passthrough'],
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-c:a', 'aac'],
    clipPath,
  ]);
  return {
    clipPath,
    wallMs: performance.now() - startedAt,
    bytesRead,
    framesEncoded: Math.round((lengthMs(spans) * FRAMES_PER_SECOND) / 1000),
  };
}

function segmentInput([startMs, endMs]: Span, playlistPath: string): string[] {
  return ['-ss', String(startMs / 1000), '-to', String(endMs / 1000), '-i', playlistPath];
}

/** @returns how many bytes it has read, as it says itself of every file when it closes it */
async function ffmpeg(args: readonly string[]): Promise<number> {
  const { exitCode, stderr } = await runChild(ffmpegPath(), [
    ...['-hide_banner', '-nostdin', '-nostats', '-y', '-v', 'verbose', ...args],
  ]);
  if (exitCode !== 0) throw new Error(`FFmpeg failed: ${stderr.trim().split('\n').at(-1)}`);
  const read = [...stderr.matchAll(/Statistics: (\d+) bytes read/g)];
  return read.reduce((sum, [, bytes]) => sum + Number(bytes), 0);
}
