import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { makeSegment, readPlaylist, segmentFiles } from '#shared/media/clip.fixture';
import { MediaWork } from '#shared/media/ffmpeg/media-work';
import { joinSegments } from '#shared/media/join/join-segments';
import type { CutOutcome, CutTask } from './cut-task.ts';
import { inParallel } from './in-parallel.ts';

/**
 * The media half of the pipeline, from chunks on disk to the finished clip. The playlist is known, as it is to a
 * function that has cut another segment of the episode.
 */
export async function cutWithOurs(
  { playlistPath, spans, folder }: CutTask,
  audio: 'exact' | 'copy',
): Promise<CutOutcome> {
  const playlist = await readPlaylist(playlistPath);
  // What reading it has left is nothing that such a function would have to clear away.
  globalThis.gc!();
  const startedAt = performance.now();
  const isWholeClip = spans.length === 1;
  const cuts = await inParallel(spans, availableParallelism(), (span, n) =>
    makeSegment({ playlistPath, playlist }, span, join(folder, String(n)), { audio, isWholeClip }),
  );
  const joining = new MediaWork(folder, new AbortController().signal);
  const { clipFile } = await joinSegments(
    cuts.map((cut) => segmentFiles(cut)),
    joining,
  );
  const sum = (of: (cut: (typeof cuts)[number]) => number) =>
    cuts.reduce((total, cut) => total + of(cut), 0);
  return {
    clipPath: clipFile,
    wallMs: performance.now() - startedAt,
    bytesRead: sum(({ bytesRead }) => bytesRead),
    framesEncoded: sum(({ pictures }) => pictures?.framesEncoded ?? 0),
    chunkBytes: sum(({ opened }) => opened.chunks.bytes),
    segmentProcesses: Math.max(...cuts.map(({ work }) => work.processes)),
  };
}
