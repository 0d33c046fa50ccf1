import { PermanentError, summarize } from '#shared/errors';
import { ClipStitched } from '#shared/events/clip-stitched';
import type { DetailOf } from '#shared/events/define-event';
import { followClip } from '#shared/events/follow';
import { makeEvent, type OutgoingEvent, publish } from '#shared/events/publish';
import { publishedProgress } from '#shared/events/publish-progress';
import { StitchFailed } from '#shared/events/stitch-failed';
import { StitchRequested } from '#shared/events/stitch-requested';
import { eventHandler } from '#shared/handler/event-handler';
import { tableKeys } from '#shared/keys';
import { count, logger } from '#shared/observability/telemetry';
import { findEpisode } from '#shared/storage/episodes';
import { assertOwnExecution } from '#shared/storage/own-execution';
import { workOnce } from '#shared/storage/work-once';
import { isWanted } from './assembly.ts';
import { removeIntermediates } from './intermediates.ts';
import { stitchClip } from './stitch-clip.ts';

type Request = DetailOf<typeof StitchRequested>;

/** `StitchRequested` → `clip.mp4` and `ClipStitched`, or `StitchFailed`; the intermediates are removed. */
export const handler = eventHandler(StitchRequested, async ({ detail }, { requestId, signal }) => {
  // Here as in the extractor: it is the episode's files that are read, written and removed.
  await findEpisode(detail);
  await assertOwnExecution(detail);
  const key = tableKeys.assembly(detail);
  const outcome = await workOnce(key, requestId, () => stitch(detail, signal));
  if (!outcome) return;
  await publish([outcome]);
  await removeIntermediates(detail, detail.segments.entries());
});

async function stitch(request: Request, signal: AbortSignal): Promise<OutgoingEvent | undefined> {
  const progress = publishedProgress(ClipStitched.source, request);
  try {
    if (!(await isWanted(request))) return notWanted();
    const clip = await stitchClip(request, () => isWanted(request), signal, progress.update);
    if (!clip) return notWanted();
    return makeEvent(ClipStitched, { ...followClip(ClipStitched, request), ...clip });
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    count('StitchFailureCount');
    logger.warn('The clip cannot be stitched', { error });
    return makeEvent(StitchFailed, {
      ...followClip(StitchFailed, request),
      error: summarize(error),
    });
  } finally {
    await progress.settled();
  }
}

function notWanted(): undefined {
  logger.info('The clip has ended already: it is not stitched');
}
