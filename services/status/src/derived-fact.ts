import type { RungRecord } from '#shared/clip/derivatives';
import type { ErrorSummary } from '#shared/errors';
import { type BusEvent, type DetailOf, parseEvent } from '#shared/events/define-event';
import { RenditionFailed } from '#shared/events/rendition-failed';
import { madeRungOf, RenditionMade } from '#shared/events/rendition-made';
import { RenditionOmitted } from '#shared/events/rendition-omitted';
import { RenditionRequested } from '#shared/events/rendition-requested';
import { ThumbnailsFailed } from '#shared/events/thumbnails-failed';
import { ThumbnailsMade } from '#shared/events/thumbnails-made';
import { ThumbnailsRequested } from '#shared/events/thumbnails-requested';

/** What one event says about what is made of a finished clip. */
export type DerivedFact =
  | { thumbnails: 'requested' }
  | { thumbnails: 'made'; pictures: Pick<DetailOf<typeof ThumbnailsMade>, 'poster' | 'thumbnails'> }
  | { thumbnails: 'failed'; error: ErrorSummary }
  | { rung: RungRecord };

const EVENTS: readonly string[] = [
  ThumbnailsRequested,
  ThumbnailsMade,
  ThumbnailsFailed,
  RenditionRequested,
  RenditionMade,
  RenditionOmitted,
  RenditionFailed,
].map(({ detailType }) => detailType);

/** Whether an event of this type is about what is made of a finished clip: it neither ends a clip nor begins it. */
export const isAboutDerived = (detailType: string): boolean => EVENTS.includes(detailType);

type Detail = DetailOf<typeof ThumbnailsRequested> &
  Partial<Pick<DetailOf<typeof RenditionRequested>, 'rendition'>>;

/** A fact, and the event's own fields that every fact has. */
interface ReadDerivedFact {
  detail: Detail;
  derived: DerivedFact;
  /** Why something will not be there. */
  error?: ErrorSummary;
}

/**
 * @returns nothing for events about anything else
 * @throws PermanentError `EVENT_INVALID`
 */
export function readDerivedFact(event: BusEvent): ReadDerivedFact | undefined {
  switch (event['detail-type']) {
    case ThumbnailsRequested.detailType: {
      const { detail } = parseEvent(ThumbnailsRequested, event);
      return { detail, derived: { thumbnails: 'requested' } };
    }
    case ThumbnailsMade.detailType: {
      const { detail } = parseEvent(ThumbnailsMade, event);
      const { poster, thumbnails } = detail;
      return { detail, derived: { thumbnails: 'made', pictures: { poster, thumbnails } } };
    }
    case ThumbnailsFailed.detailType: {
      const { detail } = parseEvent(ThumbnailsFailed, event);
      const error = summaryOf(detail.error);
      return { detail, derived: { thumbnails: 'failed', error }, error };
    }
    case RenditionRequested.detailType: {
      const { detail } = parseEvent(RenditionRequested, event);
      return { detail, derived: { rung: { name: detail.rendition, status: 'requested' } } };
    }
    case RenditionMade.detailType: {
      const { detail } = parseEvent(RenditionMade, event);
      const made = madeRungOf(detail);
      return { detail, derived: { rung: { name: detail.rendition, status: 'made', ...made } } };
    }
    case RenditionOmitted.detailType: {
      const { detail } = parseEvent(RenditionOmitted, event);
      const reason = summaryOf(detail.reason);
      return { detail, derived: { rung: { name: detail.rendition, status: 'omitted', reason } } };
    }
    case RenditionFailed.detailType: {
      const { detail } = parseEvent(RenditionFailed, event);
      const error = summaryOf(detail.error);
      return {
        detail,
        derived: { rung: { name: detail.rendition, status: 'failed', error } },
        error,
      };
    }
    default:
      return undefined;
  }
}

const summaryOf = ({ code, message }: ErrorSummary): ErrorSummary => ({ code, message });
