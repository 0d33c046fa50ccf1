import { stableId } from '../keys.ts';
import { Progress } from '../observability/progress.ts';
import { logger } from '../observability/telemetry.ts';
import { ClipProgressed } from './clip-progressed.ts';
import { type ClipDetail, followClip } from './follow.ts';
import { makeEvent, publish } from './publish.ts';

/**
 * Publishes `ClipProgressed` while work goes on. Work never fails because nobody can be told of it.
 * @param source of the service that works
 * @param cause the event that asked for the work
 */
export function publishedProgress(
  source: string,
  cause: ClipDetail & { segmentIndex?: number },
): Progress {
  const { segmentIndex } = cause;
  return new Progress(async (percentage) => {
    const { meta, ...ids } = followClip(ClipProgressed, cause, segmentIndex);
    const event = makeEvent(ClipProgressed, {
      ...ids,
      ...(segmentIndex === undefined ? {} : { segmentIndex }),
      percentage,
      meta: { ...meta, eventId: stableId(meta.eventId, percentage) },
    });
    try {
      await publish([{ ...event, source }]);
    } catch (error) {
      logger.warn('Progress could not be published', { error });
    }
  });
}
