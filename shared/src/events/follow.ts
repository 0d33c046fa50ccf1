import type { EventDefinition } from './define-event.ts';
import type { Meta, RungName } from './fields.ts';
import { eventIdOf } from './identity.ts';

/** What an event about a clip says of it. */
export interface ClipDetail {
  tenantId: string;
  episodeId: string;
  executionId: string;
  executionStartedAt: string;
  clipId: string;
  segmentCount: number;
  meta: Meta;
}

/** The fields that an event about a clip inherits from the event it follows from. */
export function followClip(definition: EventDefinition, cause: ClipDetail, segmentIndex?: number) {
  const { tenantId, episodeId, executionId, executionStartedAt, clipId, segmentCount } = cause;
  return {
    tenantId,
    episodeId,
    executionId,
    executionStartedAt,
    clipId,
    segmentCount,
    meta: makeMeta(eventIdOf(definition, { executionId, clipId, segmentIndex }), {
      correlationId: cause.meta.correlationId,
      causationId: cause.meta.eventId,
    }),
  };
}

/** As {@link followClip}, for one segment of the clip. */
export function followSegment(
  definition: EventDefinition,
  cause: ClipDetail & { segmentIndex: number },
) {
  const { segmentIndex } = cause;
  return { ...followClip(definition, cause, segmentIndex), segmentIndex };
}

interface ClipEndDetail {
  tenantId: string;
  episodeId: string;
  executionId: string;
  executionStartedAt: string;
  clipId: string;
  meta: Pick<Meta, 'eventId' | 'correlationId'>;
}

/** As {@link followClip}, for what is made of a finished clip. @param occurredAt as of {@link makeMeta} */
export function followFinished(
  definition: EventDefinition,
  cause: ClipEndDetail,
  occurredAt?: string,
) {
  const { tenantId, episodeId, executionId, executionStartedAt, clipId, meta } = cause;
  return {
    tenantId,
    episodeId,
    executionId,
    executionStartedAt,
    clipId,
    meta: makeMeta(
      eventIdOf(definition, cause),
      { correlationId: meta.correlationId, causationId: meta.eventId },
      occurredAt,
    ),
  };
}

/** As {@link followFinished}, for one rung of the clip's ladder. */
export function followRung(
  definition: EventDefinition,
  cause: ClipEndDetail & { rendition: RungName },
  occurredAt?: string,
) {
  return { ...followFinished(definition, cause, occurredAt), rendition: cause.rendition };
}

/**
 * @param occurredAt ISO 8601, now unless told: an event that is made anew for every delivery of its cause
 * must be told, so that each of its publications says the same
 */
export function makeMeta(
  eventId: string,
  origin: { correlationId: string; causationId: string },
  occurredAt = new Date().toISOString(),
): Meta {
  return { eventId, ...origin, schemaVersion: 1, occurredAt };
}
