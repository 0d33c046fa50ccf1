import { listSegmentWarnings } from '#shared/clip/list-warnings';
import { makeSegmentReceipt } from '#shared/clip/make-receipt';
import type { DetailOf } from '#shared/events/define-event';
import type { ExtractedSegment } from '#shared/events/fields';
import type { SegmentReceipt } from '#shared/events/receipt';
import type { SegmentRequested } from '#shared/events/segment-requested';
import type { OpenedSegment } from '#shared/media/collect/open-segment';
import type { CutResult } from '#shared/media/cut/cut-segment';
import { isMedia, ticksOf } from '#shared/media/cut/stretch';
import type { Rendition } from '#shared/media/hls/master-playlist';
import { frameNumbers } from '#shared/media/source/frame-numbers';
import { askedFrames, type Wanted } from '#shared/media/source/wanted';
import type { MediaWarning } from '#shared/media/warnings';
import type { Laps } from '#shared/observability/laps';

export type Stage = 'collect' | 'cut' | 'upload';

/** What extracting a segment took. */
export interface Effort {
  bytesRead: number;
  /** Of the time, what S3 took, in milliseconds. */
  fetchMs: number;
  processes: number;
  laps: Laps<Stage>;
}

const usOf = (ticks: number) => Math.round(ticks / 0.09);

/** The segment as the stitcher needs it, with the receipt of what was asked for and what came out. */
export function describeSegment(
  request: Pick<
    DetailOf<typeof SegmentRequested>,
    'startMs' | 'endMs' | 'options' | 'segmentIndex' | 'segmentCount'
  >,
  rendition: Rendition,
  opened: OpenedSegment,
  cut: CutResult,
  warnings: readonly MediaWarning[],
  effort: Effort,
): ExtractedSegment {
  const { startMs, endMs } = request;
  const { pictures, sound, stretches } = cut;
  const audioStartUs = sound?.audio === 'copied' ? usOf(sound.firstTicks) : undefined;
  return {
    hasPicture: pictures !== undefined,
    hasAudio: sound !== undefined,
    ...(sound ? { audio: sound.audio, audioFormat: sound.format } : {}),
    ...(audioStartUs === undefined ? {} : { audioStartUs }),
    startMs,
    endMs,
    frameCount: pictures?.times.length ?? 0,
    durationUs: usOf(stretches.reduce((sum, stretch) => sum + ticksOf(stretch), 0)),
    receipt: receiptOf(request, rendition, opened, cut, warnings, effort),
  };
}

function receiptOf(
  { startMs, endMs, options, segmentIndex, segmentCount }: Parameters<typeof describeSegment>[0],
  { height, bandwidth }: Rendition,
  { media, chunks, gaps }: OpenedSegment,
  { pictures, sound, stretches }: CutResult,
  warnings: readonly MediaWarning[],
  { bytesRead, fetchMs, processes, laps }: Effort,
): SegmentReceipt {
  const made = stretches.filter(isMedia).map(({ wanted }) => wanted);
  const filled = options.gaps === 'black' ? 'black' : 'skip';
  return makeSegmentReceipt({
    requested: { startMs, endMs },
    achieved: achievedOf(media, made, stretches.length === 1),
    ...(pictures ? { method: pictures.method, reason: pictures.reason } : {}),
    frameCount: pictures?.times.length ?? 0,
    framesEncoded: pictures?.framesEncoded ?? 0,
    ...errorsOf(media, made),
    ...(sound ? { audio: sound.audio } : {}),
    ...(height || bandwidth ? { rendition: { height, bandwidth } } : {}),
    chunks,
    bytesRead,
    ...(gaps.length > 0 ? { gaps: gaps.map((gap) => ({ ...gap, filled })) } : {}),
    ...listSegmentWarnings(
      warnings.map(({ code, message, atMs }) => ({
        code,
        message,
        segmentIndex,
        ...(atMs === undefined ? {} : { atMs }),
      })),
      segmentCount,
    ),
    processes,
    stagesMs: {
      fetch: Math.round(fetchMs),
      index: Math.max(0, Math.round(laps.of('collect') - fetchMs)),
      cut: Math.round(laps.of('cut')),
      upload: Math.round(laps.of('upload')),
      total: Math.round(laps.total),
    },
  });
}

type Media = OpenedSegment['media'];

/** Where in the episode that lies which came out: the times in the written file were checked against these. */
function achievedOf(
  media: Media,
  made: readonly Wanted[],
  isOnePiece: boolean,
): SegmentReceipt['achieved'] {
  const [first, last] = [media[0]!, media.at(-1)!];
  const start = made[0]!.firstPts - first.zero;
  const end = made.at(-1)!.endPts - last.zero;
  const numbers = isOnePiece ? frameNumbers(first.timeline, first.zero, made[0]!) : undefined;
  return { startUs: usOf(start), endUs: usOf(end), ...numbers };
}

/**
 * By how many frames the ends are off what was asked for: by the source's timeline, whatever of it can be decoded.
 * Frames that are held or black are none of the source's.
 */
function errorsOf(media: Media, made: readonly Wanted[]) {
  const [first, last] = [media[0]!, media.at(-1)!];
  const before = ({ timeline }: Media[number], pts: number) =>
    timeline.shown.filter((shown) => shown < pts).length;
  return {
    firstFrameError:
      before(first, made[0]!.firstPts) - askedFrames(first.timeline, first.moments).from,
    lastFrameError: before(last, made.at(-1)!.endPts) - askedFrames(last.timeline, last.moments).to,
  };
}
