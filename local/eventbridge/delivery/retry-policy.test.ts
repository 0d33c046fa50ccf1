import { describe, expect, it } from 'vitest';
import { DeliveryError } from './deliver.ts';
import { nextStep } from './retry-policy.ts';

const passing = new DeliveryError('busy', { code: 'THROTTLING', retryable: true });
const attempt = { error: passing, retries: 0, ageMs: 0, scale: 1 };

describe('nextStep', () => {
  it('backs off exponentially, with jitter, up to ten minutes', () => {
    for (let retries = 0; retries < 30; retries++) {
      const step = nextStep(undefined, { ...attempt, retries });
      const longest = Math.min(1000 * 2 ** retries, 600_000);
      expect(step).toEqual({ retryInMs: expect.any(Number) });
      if (!('retryInMs' in step)) throw new Error('unreachable');
      expect(step.retryInMs).toBeLessThanOrEqual(longest);
      expect(step.retryInMs).toBeGreaterThanOrEqual(longest / 2);
    }
  });

  it('tries 185 times within a day by default', () => {
    expect(nextStep(undefined, { ...attempt, retries: 184 })).toHaveProperty('retryInMs');
    expect(nextStep(undefined, { ...attempt, retries: 185 })).toEqual({
      giveUp: 'MaximumRetryAttempts',
    });
    expect(nextStep(undefined, { ...attempt, ageMs: 86_400_000 })).toEqual({
      giveUp: 'MaximumEventAgeInSeconds',
    });
  });

  it('keeps to the policy of the target, in scaled time', () => {
    const policy = { MaximumRetryAttempts: 1, MaximumEventAgeInSeconds: 60 };
    expect(nextStep(policy, attempt)).toHaveProperty('retryInMs');
    expect(nextStep(policy, { ...attempt, retries: 1 })).toEqual({
      giveUp: 'MaximumRetryAttempts',
    });
    expect(nextStep(policy, { ...attempt, ageMs: 60, scale: 0.001 })).toEqual({
      giveUp: 'MaximumEventAgeInSeconds',
    });
  });

  it('does not retry what cannot succeed', () => {
    const error = new DeliveryError('gone', { code: 'NO_RESOURCE', retryable: false });
    expect(nextStep(undefined, { ...attempt, error })).toEqual({ giveUp: 'NotRetryable' });
  });
});
