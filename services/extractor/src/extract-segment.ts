import { PermanentError } from '#shared/errors';
import { outputOf } from '#shared/events/cut-options';
import type { DetailOf } from '#shared/events/define-event';
import type { SegmentExtracted } from '#shared/events/segment-extracted';
import type { SegmentRequested } from '#shared/events/segment-requested';
import { objectKeys, type SegmentExtension } from '#shared/keys';
import { configuredLimits } from '#shared/limits';
import { openSegment } from '#shared/media/collect/open-segment';
import { type CutResult, cutSegment } from '#shared/media/cut/cut-segment';
import { MediaWork } from '#shared/media/ffmpeg/media-work';
import type { TrackPlaylist } from '#shared/media/hls/media-playlist';
import { distinctWarnings, type MediaWarning } from '#shared/media/warnings';
import { Laps } from '#shared/observability/laps';
import { traced } from '#shared/observability/telemetry';
import { findTrack, type Track } from '#shared/storage/episodes';
import { putIntermediate } from '#shared/storage/objects';
import { fetchPlaylist } from '#shared/storage/playlists';
import { withWorkspace } from '#shared/storage/workspace';
import { describeSegment, type Effort, type Stage } from './describe-segment.ts';
import { gapWarnings } from './gap-warnings.ts';
import { S3Chunks } from './s3-chunks.ts';
import { whenAvailable } from './when-available.ts';

type Request = DetailOf<typeof SegmentRequested>;

const CONTENT_TYPES: Record<SegmentExtension, string> = {
  mp4: 'video/mp4',
  flac: 'audio/flac',
  aac: 'audio/aac',
};

/** What became of a segment, for the event and for the metrics. */
export interface Extraction {
  segment: DetailOf<typeof SegmentExtracted>['segment'];
  /** All of them; the segment's receipt lists what there is room for. */
  warnings: readonly MediaWarning[];
  /** Wall time inside FFmpeg's processes. */
  ffmpegMs: number;
}

/**
 * Cuts one segment out of its episode and uploads it.
 * @throws PermanentError when the request, the episode or its media must change first; TransientError
 * `SEGMENT_NOT_YET_AVAILABLE` when an episode that still grows does not reach so far
 */
export async function extractSegment(
  request: Request,
  signal: AbortSignal,
  tell: Tell = () => {},
): Promise<Extraction> {
  assertLength(request);
  const track = await findTrack(request);
  return whenAvailable(() => extract(request, track, signal, tell), signal);
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

/** Told how much of a segment's work is done, from 0 to 1. */
type Tell = (share: number) => void;

/** What the work has taken of the whole when a stage ends, as long segments of long GOPs have it. */
const CUT_FROM = 0.5;
const UPLOAD_FROM = 0.8;

async function extract(
  request: Request,
  track: Track,
  signal: AbortSignal,
  tell: Tell,
): Promise<Extraction> {
  const { quality, gaps, cut, audio, audioTrack } = request.options;
  const output = outputOf(request.options);
  const isWholeClip = request.segmentCount === 1;
  return withWorkspace(async (folder) => {
    const laps = new Laps<Stage>();
    const work = new MediaWork(folder, signal);
    const playlists = await fetchPlaylist(track, quality, signal, audioTrack);
    const picture = renditionOf(playlists.picture, 'picture', work);
    const sound = playlists.sound && renditionOf(playlists.sound, 'sound', work);
    picture.store.onFetched = (share) => tell(share * CUT_FROM);
    work.onEncoded = (share) => tell(CUT_FROM + share * (UPLOAD_FROM - CUT_FROM));
    const { rendition } = playlists;
    const { startMs, endMs } = request;
    const opened = await traced('Collect chunks', () =>
      openSegment(
        { startMs, endMs, gaps, audioTrack: rendition.trackInChunks },
        picture,
        sound,
        work,
      ),
    );
    const ofSource = [
      ...(rendition.warnings ?? []),
      ...gapWarnings(request, opened.gaps),
      ...opened.warnings,
    ];
    assertAllowed(request, ofSource);
    laps.end('collect');
    const made = await traced('Cut segment', () =>
      cutSegment({ stretches: opened.stretches, cut, audio, isWholeClip, output }, work),
    );
    const warnings = inTimeOrder(distinctWarnings([...ofSource, ...(made.warnings ?? [])]));
    assertAllowed(request, warnings);
    laps.end('cut');
    tell(UPLOAD_FROM);
    await traced('Upload segment', () => upload(request, made, signal));
    laps.end('upload');
    const stores = sound ? [picture.store, sound.store] : [picture.store];
    const effort: Effort = {
      bytesRead: stores.reduce((sum, store) => sum + store.bytesRead, playlists.bytesRead),
      fetchMs: stores.reduce((sum, store) => sum + store.fetchMs, 0),
      processes: work.processes,
      laps,
    };
    return {
      segment: describeSegment(request, rendition, opened, made, warnings, effort),
      warnings,
      ffmpegMs: work.ffmpegMs,
    };
  });
}

/**
 * In a strict request, a warning is an error.
 * @throws PermanentError with the code of the first of them
 */
function assertAllowed({ options }: Request, warnings: readonly MediaWarning[]): void {
  const [first] = warnings;
  if (options.strict && first) throw new PermanentError(first.code, first.message);
}

/** What concerns all of the segment comes first. */
const inTimeOrder = (warnings: readonly MediaWarning[]) =>
  warnings.toSorted((a, b) => (a.atMs ?? -1) - (b.atMs ?? -1));

const renditionOf = (playlist: TrackPlaylist, name: string, { folder, signal }: MediaWork) => ({
  playlist,
  store: new S3Chunks(folder, name, signal),
});

async function upload(
  request: Request,
  { pictures, sound }: CutResult,
  signal: AbortSignal,
): Promise<void> {
  const put = (extension: SegmentExtension, file: string) =>
    putIntermediate(objectKeys.segment(request, extension), file, CONTENT_TYPES[extension], signal);
  await Promise.all([
    pictures && put('mp4', pictures.file),
    sound && put(sound.format, sound.file),
  ]);
}
