import type { ClipRecord, ClipSegment, ClipStatus } from '#shared/clip/clip-record';
import type { ErrorSummary } from '#shared/errors';
import { ClipGenerationCancelled } from '#shared/events/clip-generation-cancelled';
import { ClipGenerationFailed } from '#shared/events/clip-generation-failed';
import { ClipGenerationRejected } from '#shared/events/clip-generation-rejected';
import { ClipGenerationStarted } from '#shared/events/clip-generation-started';
import { ClipStitched } from '#shared/events/clip-stitched';
import type { CutOptions } from '#shared/events/cut-options';
import { type BusEvent, type DetailOf, parseEvent } from '#shared/events/define-event';
import type { RungName } from '#shared/events/fields';
import { SegmentExtracted } from '#shared/events/segment-extracted';
import { SegmentFailed } from '#shared/events/segment-failed';
import { SegmentRequested } from '#shared/events/segment-requested';
import { StitchFailed } from '#shared/events/stitch-failed';
import { StitchRequested } from '#shared/events/stitch-requested';
import { formatTime } from '#shared/time';
import { type DerivedFact, readDerivedFact } from './derived-fact.ts';

/** What one event says about one clip, whatever kind of event it was. */
export interface ClipFact {
  tenantId: string;
  episodeId: string;
  clipId: string;
  executionId: string;
  executionStartedAt: string;
  correlationId: string;
  eventId: string;
  event: string;
  timestamp: string;
  status: ClipStatus;
  segmentIndex?: number;
  rendition?: RungName;
  error?: ErrorSummary;
  /** Only of `ClipGenerationStarted`. */
  request?: Partial<Pick<ClipRecord, 'title' | 'description'>> & {
    trackName: string;
    segments: ClipSegment[];
    options: CutOptions;
  };
  /** Only of `ClipStitched`. */
  clip?: DetailOf<typeof ClipStitched>;
  /** Only of events about what is made of the finished clip: they say nothing about its status. */
  derived?: DerivedFact;
}

/**
 * Reads the fact out of one of our events; `undefined` for those that are not about one clip.
 * @throws PermanentError `EVENT_INVALID`
 */
export function readFact(event: BusEvent): ClipFact | undefined {
  switch (event['detail-type']) {
    case ClipGenerationStarted.detailType: {
      const { detail } = parseEvent(ClipGenerationStarted, event);
      const { trackName, options, title, description } = detail;
      const segments = detail.segments.map(({ startMs, endMs, speaker, text }) => ({
        startTime: formatTime(startMs),
        endTime: formatTime(endMs),
        speaker,
        text,
      }));
      const described = { ...(title && { title }), ...(description && { description }) };
      const request = { trackName, segments, options, ...described };
      return { ...fact(event, detail, 'Generation in Progress'), request };
    }
    case ClipGenerationRejected.detailType: {
      const { detail } = parseEvent(ClipGenerationRejected, event);
      const { tenantId, episodeId, clipId, error } = detail;
      // Without a usable id there is no record to write: the execution counts it.
      if (!tenantId || !episodeId || !clipId) return undefined;
      return {
        ...fact(event, { ...detail, tenantId, episodeId, clipId }, 'Generation Failed'),
        error,
      };
    }
    case SegmentRequested.detailType:
      return progress(event, parseEvent(SegmentRequested, event).detail);
    case SegmentExtracted.detailType:
      return progress(event, parseEvent(SegmentExtracted, event).detail);
    case StitchRequested.detailType:
      return progress(event, parseEvent(StitchRequested, event).detail);
    case SegmentFailed.detailType:
      return failure(event, parseEvent(SegmentFailed, event).detail);
    case StitchFailed.detailType:
      return failure(event, parseEvent(StitchFailed, event).detail);
    case ClipGenerationFailed.detailType:
      return failure(event, parseEvent(ClipGenerationFailed, event).detail);
    case ClipGenerationCancelled.detailType:
      return fact(event, parseEvent(ClipGenerationCancelled, event).detail, 'Cancelled');
    case ClipStitched.detailType: {
      const { detail } = parseEvent(ClipStitched, event);
      return { ...fact(event, detail, 'Generation Complete'), clip: detail };
    }
    default:
      return readDerived(event);
  }
}

/** A file that something can be made of is complete; that it is counted so, only `ClipStitched` tells. */
function readDerived(event: BusEvent): ClipFact | undefined {
  const read = readDerivedFact(event);
  if (!read) return undefined;
  const { detail, derived, error } = read;
  return { ...fact(event, detail, 'Generation Complete'), ...(error && { error }), derived };
}

interface ClipDetail {
  tenantId: string;
  episodeId: string;
  clipId: string;
  executionId: string;
  executionStartedAt: string;
  segmentIndex?: number;
  rendition?: RungName;
  meta: { eventId: string; correlationId: string; occurredAt: string };
}

const progress = (event: BusEvent, detail: ClipDetail) =>
  fact(event, detail, 'Generation in Progress');

const failure = (event: BusEvent, detail: ClipDetail & { error: ErrorSummary }) => ({
  ...fact(event, detail, 'Generation Failed'),
  error: { code: detail.error.code, message: detail.error.message },
});

function fact(event: BusEvent, detail: ClipDetail, status: ClipStatus): ClipFact {
  const { tenantId, episodeId, clipId, executionId, executionStartedAt } = detail;
  const { segmentIndex, rendition } = detail;
  return {
    tenantId,
    episodeId,
    clipId,
    executionId,
    executionStartedAt,
    ...(segmentIndex === undefined ? {} : { segmentIndex }),
    ...(rendition === undefined ? {} : { rendition }),
    correlationId: detail.meta.correlationId,
    eventId: detail.meta.eventId,
    event: event['detail-type'],
    timestamp: detail.meta.occurredAt,
    status,
  };
}
