import { PermanentError } from '../errors.ts';
import { tableKeys } from '../keys.ts';
import { getItem } from './items.ts';

interface ExecutionIds {
  executionId: string;
  /** Absent where the request did not tell them, as when the execution began. */
  tenantId?: string;
  episodeId?: string;
}

/**
 * Refuses an event that puts an execution under another tenant or episode than it began for: by naming
 * an execution, nobody can write into it. One that has not been noted, or so long ago that the note has
 * expired, has nothing left to be written into.
 * @throws PermanentError `EVENT_INVALID`
 */
export async function assertOwnExecution(ids: ExecutionIds): Promise<void> {
  const begun = await getItem<ExecutionIds>(tableKeys.begun(ids.executionId));
  if (!begun) return;
  if (begun.tenantId === ids.tenantId && begun.episodeId === ids.episodeId) return;
  throw new PermanentError(
    'EVENT_INVALID',
    `The execution ${ids.executionId} is none of episode ${ids.episodeId} of tenant ${ids.tenantId}: check who published the event.`,
  );
}
