import { PermanentError, summarize } from '#shared/errors';
import type { DetailOf } from '#shared/events/define-event';
import { followSegment } from '#shared/events/follow';
import { makeEvent, type OutgoingEvent, publish } from '#shared/events/publish';
import { publishedProgress } from '#shared/events/publish-progress';
import { SegmentExtracted } from '#shared/events/segment-extracted';
import { SegmentFailed } from '#shared/events/segment-failed';
import { SegmentRequested } from '#shared/events/segment-requested';
import { warningsOf } from '#shared/events/warnings';
import { eventHandler } from '#shared/handler/event-handler';
import { tableKeys } from '#shared/keys';
import { count, countWarning, logger } from '#shared/observability/telemetry';
import { workOnce } from '#shared/storage/work-once';
import { extractSegment } from './extract-segment.ts';
import { hasClipEnded } from './extraction.ts';

/** `SegmentRequested` → the segment's files in S3 and `SegmentExtracted`, or `SegmentFailed`. */
export const handler = eventHandler(SegmentRequested, async ({ detail }, { requestId, signal }) => {
  const key = tableKeys.segment(detail);
  const outcome = await workOnce(key, requestId, () => extractIfWanted(detail, signal));
  if (outcome) await publish([outcome]);
});

type Request = DetailOf<typeof SegmentRequested>;

async function extractIfWanted(
  request: Request,
  signal: AbortSignal,
): Promise<OutgoingEvent | undefined> {
  if (!(await hasClipEnded(request))) return extract(request, signal);
  logger.info('The clip has ended already: the segment is not cut');
  return undefined;
}

async function extract(request: Request, signal: AbortSignal): Promise<OutgoingEvent> {
  const progress = publishedProgress(SegmentExtracted.source, request);
  try {
    const { segment, warnings, ffmpegMs } = await extractSegment(request, signal, progress.update);
    count('SegmentExtractionCount');
    count('FFmpegProcessingTime', ffmpegMs);
    for (const { code } of warnings) countWarning(code);
    const { receipt } = segment;
    logger.info('The segment was extracted', { receipt });
    const { renditions, strict } = request.options;
    return makeEvent(SegmentExtracted, {
      ...followSegment(SegmentExtracted, request),
      segment,
      ...warningsOf(receipt),
      ...(renditions ? { renditions } : {}),
      ...(strict ? { strict } : {}),
    });
  } catch (error) {
    // Everything else may pass: it is thrown on, so that Lambda tries again.
    if (!(error instanceof PermanentError)) throw error;
    count('SegmentFailureCount');
    logger.warn('The segment cannot be extracted', { error });
    return makeEvent(SegmentFailed, {
      ...followSegment(SegmentFailed, request),
      error: summarize(error),
    });
  } finally {
    await progress.settled();
  }
}
