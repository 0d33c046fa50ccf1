import { PermanentError, summarize } from '#shared/errors';
import type { DetailOf } from '#shared/events/define-event';
import { followRung } from '#shared/events/follow';
import { makeEvent, type OutgoingEvent, publish } from '#shared/events/publish';
import { RenditionFailed } from '#shared/events/rendition-failed';
import { RenditionMade } from '#shared/events/rendition-made';
import { RenditionOmitted } from '#shared/events/rendition-omitted';
import { RenditionRequested } from '#shared/events/rendition-requested';
import { eventHandler } from '#shared/handler/event-handler';
import { tableKeys } from '#shared/keys';
import { count, logger } from '#shared/observability/telemetry';
import { findEpisode } from '#shared/storage/episodes';
import { workOnce } from '#shared/storage/work-once';
import { makeRendition } from './make-rendition.ts';

type Request = DetailOf<typeof RenditionRequested>;

/**
 * `RenditionRequested` → a rung of the clip's ladder in S3 and `RenditionMade`; or `RenditionOmitted`, or
 * `RenditionFailed`.
 */
export const handler = eventHandler(
  RenditionRequested,
  async ({ detail }, { requestId, signal }) => {
    await findEpisode(detail);
    const key = tableKeys.rendition(detail);
    const outcome = await workOnce(key, requestId, () => answer(detail, signal));
    if (outcome) await publish([outcome]);
  },
);

async function answer(request: Request, signal: AbortSignal): Promise<OutgoingEvent> {
  const { rendition } = request;
  try {
    const result = await makeRendition(request, signal);
    logger.info('The rendition is made, or left out', { rendition, ...result });
    return 'made' in result
      ? makeEvent(RenditionMade, { ...followRung(RenditionMade, request), ...result.made })
      : makeEvent(RenditionOmitted, { ...followRung(RenditionOmitted, request), ...result });
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    count('RenditionFailureCount');
    logger.warn('The rendition cannot be made', { rendition, error });
    return makeEvent(RenditionFailed, {
      ...followRung(RenditionFailed, request),
      error: summarize(error),
    });
  }
}
