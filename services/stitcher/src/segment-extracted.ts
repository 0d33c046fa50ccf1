import { followClip } from '#shared/events/follow';
import { makeEvent, publish } from '#shared/events/publish';
import { SegmentExtracted } from '#shared/events/segment-extracted';
import { StitchRequested } from '#shared/events/stitch-requested';
import { eventHandler } from '#shared/handler/event-handler';
import { logger } from '#shared/observability/telemetry';
import { findEpisode } from '#shared/storage/episodes';
import { completeSegments, noteStitchRequested, recordSegment } from './assembly.ts';
import { removeIntermediates } from './intermediates.ts';

/**
 * `SegmentExtracted` → counted; with the last one of the clip, `StitchRequested`. Files are removed by what
 * is counted, so nothing is counted for a tenant that has no such episode.
 */
export const handler = eventHandler(SegmentExtracted, async ({ detail }) => {
  await findEpisode(detail);
  const assembly = await recordSegment(detail);
  if (assembly.ended) {
    logger.info('The clip has ended already: the segment is dropped', { ended: assembly.ended });
    return removeIntermediates(detail, [[detail.segmentIndex, detail.segment]]);
  }
  const segments = completeSegments(assembly);
  if (!segments || assembly.stitchRequested) {
    logger.info('The segment is counted', { received: assembly.received, of: detail.segmentCount });
    return;
  }
  const { renditions, strict } = detail;
  await publish([
    makeEvent(StitchRequested, {
      ...followClip(StitchRequested, detail),
      segments,
      ...(renditions ? { renditions } : {}),
      ...(strict ? { strict } : {}),
    }),
  ]);
  // Only now: had publishing failed, the retried event would find the counter full and publish again.
  await noteStitchRequested(detail);
});
