import { PermanentError } from '../errors.ts';
import { tableKeys } from '../keys.ts';
import { getItem } from './items.ts';

interface ExecutionIds {
  executionId: string;
  /** ISO 8601 */
  executionStartedAt: string;
  /** Absent where the request did not name them, as when the execution began. */
  tenantId?: string;
  episodeId?: string;
}

interface BegunExecution extends Omit<ExecutionIds, 'executionStartedAt'> {
  startedAt: string;
}

/**
 * Refuses an event of an execution that nobody began, or that began at another time or for another tenant or episode.
 * Records and files go by the newest execution: a forged one of next year would pin them. Executions are noted before
 * anything is published about them, and for as long as the archive can replay that.
 * @throws PermanentError `EVENT_INVALID`
 */
export async function assertOwnExecution(ids: ExecutionIds): Promise<void> {
  const { executionId, executionStartedAt, tenantId, episodeId } = ids;
  const begun = await getItem<BegunExecution>(tableKeys.begun(executionId));
  const isOwn =
    begun?.tenantId === tenantId &&
    begun?.episodeId === episodeId &&
    begun?.startedAt === executionStartedAt;
  if (begun && isOwn) return;
  throw new PermanentError(
    'EVENT_INVALID',
    `No execution ${executionId} of episode ${episodeId} of tenant ${tenantId} began at ${executionStartedAt}: check who published the event.`,
  );
}
