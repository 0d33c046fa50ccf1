/** Retries in place, after the first try: what is still failing then is left to Lambda's own retries. */
export const MAX_RETRIES = 3;

const FIRST_DELAY_MS = Number(process.env.RETRY_FIRST_DELAY_MS ?? 2_000);

/**
 * Exponential back-off, 2 s × 2.0, with full jitter: the delay is drawn from [0, 2 s × 2^(n−1)), so that
 * many functions that were throttled together do not come back together
 * (https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/).
 * @param attempt 1 for the first retry
 */
export function retryDelayMs(attempt: number): number {
  return Math.random() * FIRST_DELAY_MS * 2 ** (attempt - 1);
}
