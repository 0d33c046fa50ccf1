import { ClipStitched } from '../events/clip-stitched.ts';
import { eventIdOf } from '../events/identity.ts';
import type { FileOrigin } from './file-metadata.ts';

/**
 * A finished file as the cause of events. S3, which announces it, knows nothing of ours: what follows from the
 * file follows from the `ClipStitched` that tells of it.
 */
export function fileAsCause(
  { episodeId, clipId }: { episodeId: string; clipId: string },
  { tenantId, execution, correlationId }: FileOrigin,
) {
  const { executionId, executionStartedAt } = execution;
  const eventId = eventIdOf(ClipStitched, { executionId, clipId });
  return {
    tenantId,
    episodeId,
    clipId,
    executionId,
    executionStartedAt,
    meta: { eventId, correlationId },
  };
}
