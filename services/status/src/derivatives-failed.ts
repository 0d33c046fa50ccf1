import { fileAsCause } from '#shared/clip/file-cause';
import { rungsOf } from '#shared/clip/file-metadata';
import type { ErrorSummary } from '#shared/errors';
import { type BusEvent, parseEvent } from '#shared/events/define-event';
import type { RungName } from '#shared/events/fields';
import { makeMeta } from '#shared/events/follow';
import { isObjectCreated, readObjectCreated } from '#shared/events/object-created';
import { makeEvent, type OutgoingEvent } from '#shared/events/publish';
import { RenditionFailed } from '#shared/events/rendition-failed';
import { RenditionRequested } from '#shared/events/rendition-requested';
import { ThumbnailsFailed } from '#shared/events/thumbnails-failed';
import { ThumbnailsRequested } from '#shared/events/thumbnails-requested';
import { clipOfFile, stableId } from '#shared/keys';
import { findWrittenClip } from '#shared/storage/written-clip';

/**
 * What is to be said when nobody could process an event that something was to be made of a clip after: the clip
 * stays as it is, and each thing that will not be there fails by itself.
 * @returns nothing for other events
 */
export async function derivativesFailed(
  event: BusEvent,
  error: ErrorSummary,
  occurredAt: string,
): Promise<OutgoingEvent[]> {
  if (isObjectCreated(event)) return fileFailed(event, error, occurredAt);
  switch (event['detail-type']) {
    case ThumbnailsRequested.detailType: {
      const { detail } = parseEvent(ThumbnailsRequested, event);
      return [thumbnailsFailed(detail, error, occurredAt)];
    }
    case RenditionRequested.detailType: {
      const { detail } = parseEvent(RenditionRequested, event);
      return [renditionFailed(detail.rendition, detail, error, occurredAt)];
    }
    default:
      return [];
  }
}

/** Of a finished file that was never asked anything of: all of it fails. S3 tells no more than its key. */
async function fileFailed(
  event: BusEvent,
  error: ErrorSummary,
  occurredAt: string,
): Promise<OutgoingEvent[]> {
  const ids = clipOfFile(readObjectCreated(event).key);
  const origin = ids && (await findWrittenClip(ids));
  if (!origin) return [];
  const cause = fileAsCause(ids, origin);
  return [
    thumbnailsFailed(cause, error, occurredAt),
    ...rungsOf(origin).map((name) => renditionFailed(name, cause, error, occurredAt)),
  ];
}

type Cause = ReturnType<typeof fileAsCause>;

const thumbnailsFailed = (cause: Cause, error: ErrorSummary, occurredAt: string) =>
  makeEvent(ThumbnailsFailed, { ...failed(cause, 'thumbnails', occurredAt), error });

const renditionFailed = (
  rendition: RungName,
  cause: Cause,
  error: ErrorSummary,
  occurredAt: string,
) => makeEvent(RenditionFailed, { ...failed(cause, rendition, occurredAt), rendition, error });

function failed(cause: Cause, what: string, occurredAt: string) {
  const { tenantId, episodeId, clipId, executionId, executionStartedAt, meta } = cause;
  const { correlationId, eventId: causationId } = meta;
  return {
    tenantId,
    episodeId,
    clipId,
    executionId,
    executionStartedAt,
    // Not as the stitcher names its own failures: it may have said something else.
    meta: makeMeta(
      stableId(causationId, 'unprocessed', what),
      { correlationId, causationId },
      occurredAt,
    ),
  };
}
