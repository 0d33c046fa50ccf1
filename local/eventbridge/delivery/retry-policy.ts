import type { Target } from '../target/target.ts';
import type { DeliveryError } from './deliver.ts';

const FIRST_DELAY_MS = 1000;
const LONGEST_DELAY_MS = 600_000;

/** Which limit of the target's RetryPolicy ended the retries, as EXHAUSTED_RETRY_CONDITION names it. */
export type ExhaustedCondition = 'MaximumRetryAttempts' | 'MaximumEventAgeInSeconds';

export type NextStep =
  | { readonly retryInMs: number }
  | { readonly giveUp: ExhaustedCondition | 'NotRetryable' };

export interface FailedAttempt {
  readonly error: DeliveryError;
  /** Retries made so far, the first attempt not counted. */
  readonly retries: number;
  /** Time since the bus took the event. */
  readonly ageMs: number;
  /** Multiplies all times of the policy; below 1 in tests. */
  readonly scale: number;
}

/** Decides after a failed attempt: exponential back-off with jitter, within the target's limits. */
export function nextStep(policy: Target['RetryPolicy'], attempt: FailedAttempt): NextStep {
  const { MaximumRetryAttempts = 185, MaximumEventAgeInSeconds = 86_400 } = policy ?? {};
  if (!attempt.error.retryable) return { giveUp: 'NotRetryable' };
  if (attempt.retries >= MaximumRetryAttempts) return { giveUp: 'MaximumRetryAttempts' };

  const retryInMs = backOffMs(attempt.retries) * attempt.scale;
  const isTooOld = attempt.ageMs + retryInMs > MaximumEventAgeInSeconds * 1000 * attempt.scale;
  return isTooOld ? { giveUp: 'MaximumEventAgeInSeconds' } : { retryInMs };
}

function backOffMs(retries: number): number {
  const longest = Math.min(FIRST_DELAY_MS * 2 ** retries, LONGEST_DELAY_MS);
  return longest * (0.5 + Math.random() / 2);
}
