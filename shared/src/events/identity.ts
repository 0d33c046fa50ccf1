import { stableId } from '../keys.ts';
import type { BusEvent, EventDefinition } from './define-event.ts';

/**
 * The execution that a begin event starts. Derived, never drawn: a second delivery of the event and a
 * retry after a crash give the same execution, a replay of the archive (`replay-name`) gives a new one.
 * `requestId` stands in for the event's id where the producer itself may publish twice.
 */
export function executionIdOf(
  event: Pick<BusEvent, 'id' | 'replay-name'>,
  requestId: string | undefined,
): string {
  return stableId('execution', requestId ?? event.id, event['replay-name']);
}

/** Names one event of an execution, so that every consumer can tell a second publication of it. */
export function eventIdOf(
  definition: EventDefinition,
  ids: { executionId: string; clipId?: string; segmentIndex?: number; clipIndex?: number },
): string {
  return stableId(
    ids.executionId,
    definition.detailType,
    ids.clipId,
    ids.segmentIndex ?? ids.clipIndex,
  );
}
