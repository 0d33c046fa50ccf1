import { stableId } from '../keys.ts';
import { Progress } from '../observability/progress.ts';
import { logger } from '../observability/telemetry.ts';
import { ClipProgressed } from './clip-progressed.ts';
import type { Meta } from './fields.ts';
import { makeMeta } from './follow.ts';
import { makeEvent, publish } from './publish.ts';

interface Cause {
  tenantId: string;
  episodeId: string;
  executionId: string;
  executionStartedAt: string;
  clipId: string;
  segmentCount: number;
  segmentIndex?: number;
  meta: Meta;
}

/**
 * Publishes `ClipProgressed` while work goes on. Work never fails because nobody can be told of it.
 * @param source of the service that works
 * @param cause the event that asked for the work
 */
export function publishedProgress(source: string, cause: Cause): Progress {
  const { tenantId, episodeId, executionId, executionStartedAt, clipId, segmentCount } = cause;
  const { segmentIndex } = cause;
  return new Progress(async (percentage) => {
    const name = stableId(executionId, ClipProgressed.detailType, clipId, segmentIndex, percentage);
    const event = makeEvent(ClipProgressed, {
      ...{ tenantId, episodeId, executionId, executionStartedAt, clipId, segmentCount },
      ...(segmentIndex === undefined ? {} : { segmentIndex }),
      percentage,
      meta: makeMeta(name, {
        correlationId: cause.meta.correlationId,
        causationId: cause.meta.eventId,
      }),
    });
    try {
      await publish([{ ...event, source }]);
    } catch (error) {
      logger.warn('Progress could not be published', { error });
    }
  });
}
