import { PermanentError, summarize } from '#shared/errors';
import { ClipStitched } from '#shared/events/clip-stitched';
import type { DetailOf } from '#shared/events/define-event';
import { followClip } from '#shared/events/follow';
import { makeEvent, type OutgoingEvent, publish } from '#shared/events/publish';
import { StitchFailed } from '#shared/events/stitch-failed';
import { StitchRequested } from '#shared/events/stitch-requested';
import { eventHandler } from '#shared/handler/event-handler';
import { objectKeys, soundExtension, tableKeys } from '#shared/keys';
import { count, logger } from '#shared/observability/telemetry';
import { deleteObjects } from '#shared/storage/objects';
import { workOnce } from '#shared/storage/work-once';
import { stitchClip } from './stitch-clip.ts';

type Request = DetailOf<typeof StitchRequested>;

/** `StitchRequested` → `clip.mp4` and `ClipStitched`, or `StitchFailed`; the intermediates are removed. */
export const handler = eventHandler(StitchRequested, async ({ detail }, { requestId, signal }) => {
  const key = tableKeys.assembly(detail);
  const outcome = await workOnce(key, requestId, () => stitch(detail, signal));
  if (!outcome) return;
  await publish([outcome]);
  await removeIntermediates(detail);
});

async function stitch(request: Request, signal: AbortSignal): Promise<OutgoingEvent> {
  try {
    const clip = await stitchClip(request, signal);
    return makeEvent(ClipStitched, { ...followClip(ClipStitched, request), ...clip });
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    count('StitchFailureCount');
    logger.warn('The clip cannot be stitched', { error });
    return makeEvent(StitchFailed, {
      ...followClip(StitchFailed, request),
      error: summarize(error),
    });
  }
}

async function removeIntermediates(request: Request): Promise<void> {
  const keys = request.segments.flatMap(({ hasPicture, audio }, segmentIndex) => {
    const ids = { ...request, segmentIndex };
    return [
      ...(hasPicture ? [objectKeys.segment(ids, 'ts')] : []),
      ...(audio ? [objectKeys.segment(ids, soundExtension(audio))] : []),
    ];
  });
  await deleteObjects(keys);
}
