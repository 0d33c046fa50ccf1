import { performance } from 'node:perf_hooks';
import { PermanentError } from '#shared/errors';
import type { DetailOf } from '#shared/events/define-event';
import type { SegmentExtracted } from '#shared/events/segment-extracted';
import type { SegmentRequested } from '#shared/events/segment-requested';
import { objectKeys } from '#shared/keys';
import { configuredLimits } from '#shared/limits';
import { type CutResult, cutSegment } from '#shared/media/cut/cut-segment';
import { type ChunkRange, chunksOf } from '#shared/media/hls/chunk-range';
import type { TrackPlaylist } from '#shared/media/hls/playlist';
import { type FrameIndex, indexFrames } from '#shared/media/source/frame-index';
import { missingSide, type WantedFrames, wantedFrames } from '#shared/media/source/wanted-frames';
import { traced } from '#shared/observability/telemetry';
import { findTrack } from '#shared/storage/episodes';
import { putIntermediate } from '#shared/storage/objects';
import { withWorkspace } from '#shared/storage/workspace';
import {
  type FetchedChunks,
  fetchChunks,
  fetchFirstPicture,
  fetchPlaylist,
} from './fetch-chunks.ts';

type Request = DetailOf<typeof SegmentRequested>;

/** What `SegmentExtracted` tells beside the ids. */
export type Extraction = Pick<DetailOf<typeof SegmentExtracted>, 'segment' | 'effort'>;

/** The part of the first chunk that is looked at to find where the episode's clock starts. */
const FIRST_PACKETS = 200;

/**
 * Cuts one segment out of its episode and uploads it.
 * @throws PermanentError when the request, the episode or its media must change first
 */
export async function extractSegment(request: Request, signal: AbortSignal): Promise<Extraction> {
  const startedAt = performance.now();
  assertLength(request);
  const track = await findTrack(request);
  return withWorkspace(async (folder) => {
    const playlist = await fetchPlaylist(track, signal);
    const source = await traced('Fetch chunks', () =>
      fetchSource(playlist, request, folder, signal),
    );
    const wanted = wantedFrames(source.index, source.zeroPts, request.startMs, request.endMs);
    const cut = await traced('Cut segment', () =>
      cutSegment(
        {
          source: source.chunks.file,
          demuxer: source.chunks.demuxer,
          index: source.index,
          wanted,
          hasAudio: source.index.audioEndUs !== undefined,
          folder,
        },
        signal,
      ),
    );
    const segment = await traced('Upload segment', () => upload(request, cut, wanted, signal));
    return {
      segment,
      effort: {
        bytesRead: source.bytesRead,
        ffmpegMs: cut.ffmpegMs,
        totalMs: Math.round(performance.now() - startedAt),
      },
    };
  });
}

function assertLength({ startMs, endMs }: Request): void {
  const { maxSegmentSeconds } = configuredLimits();
  if (endMs - startMs > maxSegmentSeconds * 1000) {
    throw new PermanentError(
      'CLIP_INVALID',
      `The segment is longer than ${maxSegmentSeconds} s: split it, or raise maxSegmentSeconds.`,
    );
  }
}

interface Source {
  chunks: FetchedChunks;
  index: FrameIndex;
  /** Presentation time of the episode's first picture: time zero of every request. */
  zeroPts: number;
  bytesRead: number;
}

/** Fetches the chunks the playlist names, and a neighbour where the media's own clock asks for one. */
async function fetchSource(
  playlist: TrackPlaylist,
  { startMs, endMs }: Request,
  folder: string,
  signal: AbortSignal,
): Promise<Source> {
  let range = chunksOf(playlist, startMs, endMs);
  let bytesRead = 0;
  let zeroPts: number | undefined;
  for (;;) {
    const chunks = await fetchChunks(playlist, range, folder, signal);
    const index = await indexFrames(chunks.file, chunks.demuxer, signal);
    bytesRead += chunks.bytesRead;
    if (range.first === 0) zeroPts = index.pts[0]!;
    if (zeroPts === undefined) {
      const beginning = await fetchFirstPicture(playlist, folder, signal);
      const { pts } = await indexFrames(beginning.file, beginning.demuxer, signal, FIRST_PACKETS);
      bytesRead += beginning.bytesRead;
      zeroPts = pts[0]!;
    }
    const wider = widen(range, missingSide(index, zeroPts, startMs, endMs), playlist);
    if (!wider) return { chunks, index, zeroPts, bytesRead };
    range = wider;
  }
}

function widen(
  { first, last }: ChunkRange,
  side: 'before' | 'after' | undefined,
  playlist: TrackPlaylist,
): ChunkRange | undefined {
  if (side === 'before' && first > 0) return { first: first - 1, last };
  if (side === 'after' && last < playlist.chunks.length - 1) return { first, last: last + 1 };
  return undefined;
}

async function upload(
  request: Request,
  cut: CutResult,
  wanted: WantedFrames,
  signal: AbortSignal,
): Promise<Extraction['segment']> {
  const { videoFile, audioFile, method, reason, framesEncoded } = cut;
  await Promise.all([
    putIntermediate(objectKeys.segment(request, 'ts'), videoFile, 'video/mp2t', signal),
    audioFile &&
      putIntermediate(objectKeys.segment(request, 'flac'), audioFile, 'audio/flac', signal),
  ]);
  return {
    hasAudio: audioFile !== undefined,
    startMs: request.startMs,
    endMs: request.endMs,
    frameCount: wanted.frameCount,
    durationUs: wanted.durationUs,
    cut: { method, reason, framesEncoded },
  };
}
