import { ClipGenerationCancelled } from '#shared/events/clip-generation-cancelled';
import { ClipGenerationStarted } from '#shared/events/clip-generation-started';
import type { DetailOf } from '#shared/events/define-event';
import { eventIdOf } from '#shared/events/identity';
import { makeEvent, type OutgoingEvent } from '#shared/events/publish';
import { SegmentRequested } from '#shared/events/segment-requested';

type Started = DetailOf<typeof ClipGenerationStarted>;

/** The clips that a plan starts. */
export const startedClips = (plan: readonly OutgoingEvent[]): Started[] =>
  plan
    .filter(({ detailType }) => detailType === ClipGenerationStarted.detailType)
    .map(({ detail }) => detail as Started);

/** Of clips that were cancelled before they began, nothing but the start and the end is published. */
export function cancelPlanned(
  plan: readonly OutgoingEvent[],
  cancelled: ReadonlySet<string>,
): OutgoingEvent[] {
  if (cancelled.size === 0) return [...plan];
  return plan.flatMap((event) => {
    const { clipId } = event.detail as { clipId?: string };
    if (!clipId || !cancelled.has(clipId)) return [event];
    if (event.detailType === SegmentRequested.detailType) return [];
    if (event.detailType !== ClipGenerationStarted.detailType) return [event];
    return [event, cancelledAtOnce(event.detail as Started)];
  });
}

function cancelledAtOnce(started: Started): OutgoingEvent {
  const { tenantId, episodeId, clipId, executionId, executionStartedAt, meta } = started;
  const eventId = eventIdOf(ClipGenerationCancelled, { executionId, clipId });
  return makeEvent(ClipGenerationCancelled, {
    ...{ tenantId, episodeId, clipId, executionId, executionStartedAt },
    meta: { ...meta, eventId },
  });
}
