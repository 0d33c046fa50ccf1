import { isSafeId, isSafeTenantId } from '../ids.ts';
import { stableId } from '../keys.ts';
import type { BusEvent, EventDefinition } from './define-event.ts';

/**
 * The execution that a begin event starts. Derived, never drawn: a second delivery of the event and a
 * retry after a crash give the same execution, a replay of the archive (`replay-name`) gives a new one.
 * A `requestId` stands in for the event's id where the producer itself may publish twice.
 */
export function executionIdOf(event: Pick<BusEvent, 'id' | 'detail' | 'replay-name'>): string {
  const name = requestName(event.detail) ?? [event.id];
  return stableId('execution', ...name, event['replay-name']);
}

/** A requestId counts within its episode only: nobody gets into another's execution by guessing one. */
function requestName(detail: unknown): string[] | undefined {
  const { tenantId, episodeId, requestId } = Object(detail) as Record<string, unknown>;
  if (!isSafeTenantId(tenantId) || !isSafeId(episodeId)) return undefined;
  return typeof requestId === 'string' && requestId ? [tenantId, episodeId, requestId] : undefined;
}

/** Names one event of an execution, so that every consumer can tell a second publication of it. */
export function eventIdOf(
  definition: EventDefinition,
  ids: {
    executionId: string;
    clipId?: string;
    segmentIndex?: number;
    clipIndex?: number;
    rendition?: string;
  },
): string {
  return stableId(
    ids.executionId,
    definition.detailType,
    ids.clipId,
    ids.segmentIndex ?? ids.clipIndex ?? ids.rendition,
  );
}
