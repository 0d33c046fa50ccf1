import { setTimeout as sleep } from 'node:timers/promises';
import { isServerError, isThrottlingError, isTransientError } from '@smithy/core/retry';
import { MAX_RETRIES, retryDelayMs } from './retry.ts';

/** How S3 says that other bytes have arrived than were sent. */
const DAMAGED_ON_THE_WAY: readonly string[] = [
  'BadDigest',
  'IncompleteBody',
  'XAmzContentSHA256Mismatch',
];

/** As the SDK tells them: it expects a cause to be an error, too. */
type SdkError = Parameters<typeof isTransientError>[0];

/** Whether the same request may succeed: told as the SDK tells it, and of a body that was damaged on its way. */
function mayPass(error: SdkError): boolean {
  return (
    isTransientError(error) ||
    isThrottlingError(error) ||
    isServerError(error) ||
    DAMAGED_ON_THE_WAY.includes(error.name)
  );
}

/**
 * Makes a request that the SDK does not try again, as its body is a stream: like the SDK, three times after the
 * first, with the same delays.
 * @param attempt sends the request, each time with a new stream
 * @throws what the last attempt threw; the signal's reason where it fires during a delay
 */
export async function withRetries<Output>(
  attempt: () => Promise<Output>,
  signal: AbortSignal,
): Promise<Output> {
  for (let retry = 1; ; retry++) {
    try {
      return await attempt();
    } catch (error) {
      if (retry > MAX_RETRIES || signal.aborted || !mayPass(error as SdkError)) throw error;
      await sleep(retryDelayMs(retry), undefined, { signal });
    }
  }
}
