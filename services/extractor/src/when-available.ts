import { setTimeout as sleep } from 'node:timers/promises';
import { TransientError } from '#shared/errors';
import { configuredLimits } from '#shared/limits';
import { logger } from '#shared/observability/telemetry';

/** HLS chunks last a few seconds: there is something new to be seen after so long. */
const PAUSE_MS = 2_000;

/**
 * Tries again while an episode that still grows does not reach so far. An unchanged playlist is not read
 * again, so waiting costs little.
 * @throws TransientError `SEGMENT_NOT_YET_AVAILABLE` when it has waited long enough; Lambda then tries again
 */
export async function whenAvailable<Result>(
  work: () => Promise<Result>,
  signal: AbortSignal,
): Promise<Result> {
  const until = Date.now() + configuredLimits().maxGrowthWaitSeconds * 1000;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const isEarly = error instanceof TransientError && error.code === 'SEGMENT_NOT_YET_AVAILABLE';
      if (!isEarly || Date.now() + PAUSE_MS > until) throw error;
      logger.info('The episode does not reach so far yet', { error: error.message });
      await sleep(PAUSE_MS, undefined, { signal });
    }
  }
}
