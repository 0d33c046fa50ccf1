import type { ErrorSummary } from '#shared/errors';
import { type ClipRequest, clipRequestSchema } from '#shared/events/begin-clip-generation';
import { ClipGenerationRejected } from '#shared/events/clip-generation-rejected';
import { ClipGenerationStarted } from '#shared/events/clip-generation-started';
import {
  type CutOptions,
  changedOptions,
  type RequestedOptions,
  resolveCutOptions,
} from '#shared/events/cut-options';
import { describe } from '#shared/events/define-event';
import { makeMeta } from '#shared/events/follow';
import { eventIdOf } from '#shared/events/identity';
import { makeEvent, type OutgoingEvent } from '#shared/events/publish';
import { SegmentRequested } from '#shared/events/segment-requested';
import { truncate } from '#shared/events/truncate';
import { isSafeId } from '#shared/ids';
import { stableId } from '#shared/keys';
import type { Limits } from '#shared/limits';

// The record quotes what is said, it is no transcript: 100 segments must fit into one event of 256 KB, and
// with their receipts into one item of 400 KB.
const MAX_TEXT_BYTES = 500;
const MAX_SPEAKER_BYTES = 200;

/** One run of one begin event. */
export interface Execution {
  tenantId: string;
  episodeId: string;
  trackName: string;
  /** What the request asks for, for all clips that do not say otherwise. */
  options: RequestedOptions;
  executionId: string;
  executionStartedAt: string;
  correlationId: string;
  /** The id of the begin event as it was delivered. */
  causationId: string;
}

/**
 * Decides what a request leads to: for every clip either `ClipGenerationStarted` and its
 * `SegmentRequested`s, or `ClipGenerationRejected`. One bad clip never stops its siblings.
 */
export function planExecution(
  execution: Execution,
  clips: readonly unknown[],
  limits: Limits,
): OutgoingEvent[] {
  const seen = new Set<string>();
  return clips.flatMap((clip, clipIndex) => {
    const place = { clipIndex, clipCount: clips.length };
    const read = readClip(clip, clipIndex, execution, limits);
    if ('error' in read) return [rejectClip(execution, place, read.error, read.clipId)];
    if (seen.has(read.clipId)) {
      const message = `Clip ${clipIndex} repeats the clipId ${read.clipId}: give every clip an id of its own.`;
      // Without its clipId: the record under that id belongs to the first of the two.
      return [rejectClip(execution, place, { code: 'CLIP_DUPLICATE', message })];
    }
    seen.add(read.clipId);
    return startClip(execution, place, read);
  });
}

/** The answer to a request that cannot be worked on at all. */
export function rejectExecution(
  ids: Pick<Execution, 'executionId' | 'executionStartedAt' | 'correlationId' | 'causationId'> &
    Partial<Pick<Execution, 'tenantId' | 'episodeId'>>,
  error: ErrorSummary,
): OutgoingEvent {
  const { tenantId, episodeId, executionId, executionStartedAt } = ids;
  return makeEvent(ClipGenerationRejected, {
    tenantId,
    episodeId,
    executionId,
    executionStartedAt,
    error,
    meta: makeMeta(
      eventIdOf(ClipGenerationRejected, { executionId }),
      originOf(ids),
      executionStartedAt,
    ),
  });
}

interface Place {
  clipIndex: number;
  clipCount: number;
}

interface AcceptedClip {
  clipId: string;
  segments: ClipRequest['segments'];
  options: CutOptions;
  /** What people call it. */
  described: Pick<ClipRequest, 'title' | 'description'>;
}

function readClip(
  clip: unknown,
  clipIndex: number,
  execution: Execution,
  limits: Limits,
): AcceptedClip | { error: ErrorSummary; clipId?: string } {
  const result = clipRequestSchema.safeParse(clip);
  if (!result.success) {
    const { clipId } = Object(clip) as { clipId?: unknown };
    const message = `Clip ${clipIndex} does not fit: ${describe(result.error)}.`;
    return {
      error: { code: 'CLIP_INVALID', message },
      ...(isSafeId(clipId) ? { clipId } : {}),
    };
  }
  const { segments, title, description } = result.data;
  const options = resolveCutOptions(result.data, execution.options);
  const clipId = result.data.clipId ?? deriveClipId(execution.trackName, segments, options);
  if (segments.length > limits.maxSegmentsPerClip) {
    const message = `Clip ${clipIndex} has ${segments.length} segments, more than the ${limits.maxSegmentsPerClip} allowed (maxSegmentsPerClip): split it.`;
    return { error: { code: 'CLIP_INVALID', message }, clipId };
  }
  const { maxSegmentSeconds } = limits;
  const isTooLong = ({ startTime, endTime }: (typeof segments)[number]) =>
    endTime - startTime > maxSegmentSeconds * 1000;
  const tooLong = segments.findIndex(isTooLong);
  if (tooLong !== -1) {
    const message = `Clip ${clipIndex} does not fit: segment ${tooLong} is longer than ${maxSegmentSeconds} s: split it, or raise maxSegmentSeconds.`;
    return { error: { code: 'CLIP_INVALID', message }, clipId };
  }
  return { clipId, segments, options, described: { title, description } };
}

/** The same moments of the same track, cut alike, are the same clip, whoever asks and however often. */
function deriveClipId(
  trackName: string,
  segments: ClipRequest['segments'],
  options: CutOptions,
): string {
  const moments = segments.flatMap(({ startTime, endTime }) => [startTime, endTime]);
  return `clip-${stableId(trackName, ...moments, ...changedOptions(options)).slice(0, 12)}`;
}

function startClip(execution: Execution, place: Place, clip: AcceptedClip): OutgoingEvent[] {
  const { tenantId, episodeId, executionId, executionStartedAt, trackName } = execution;
  const segmentCount = clip.segments.length;
  const { clipId, options, described } = clip;
  const common = { tenantId, episodeId, executionId, executionStartedAt, clipId, segmentCount };
  const meta = (eventId: string) => makeMeta(eventId, originOf(execution), executionStartedAt);
  const spans = clip.segments.map(({ startTime, endTime, speaker, text }) => ({
    startMs: startTime,
    endMs: endTime,
    speaker: speaker && truncate(speaker, MAX_SPEAKER_BYTES),
    text: text && truncate(text, MAX_TEXT_BYTES),
  }));
  const started = makeEvent(ClipGenerationStarted, {
    ...common,
    ...place,
    trackName,
    ...described,
    segments: spans,
    options,
    meta: meta(eventIdOf(ClipGenerationStarted, { executionId, clipId })),
  });
  const requested = spans.map(({ startMs, endMs }, segmentIndex) =>
    makeEvent(SegmentRequested, {
      ...common,
      trackName,
      segmentIndex,
      startMs,
      endMs,
      options,
      meta: meta(eventIdOf(SegmentRequested, { executionId, clipId, segmentIndex })),
    }),
  );
  return [started, ...requested];
}

function rejectClip(
  execution: Execution,
  place: Place,
  error: ErrorSummary,
  clipId?: string,
): OutgoingEvent {
  const { tenantId, episodeId, executionId, executionStartedAt } = execution;
  const { clipIndex } = place;
  return makeEvent(ClipGenerationRejected, {
    tenantId,
    episodeId,
    executionId,
    executionStartedAt,
    ...place,
    clipId,
    error,
    meta: makeMeta(
      eventIdOf(ClipGenerationRejected, { executionId, clipIndex }),
      originOf(execution),
      executionStartedAt,
    ),
  });
}

const originOf = ({
  correlationId,
  causationId,
}: {
  correlationId: string;
  causationId: string;
}) => ({
  correlationId,
  causationId,
});
