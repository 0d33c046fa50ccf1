import type { Throttle } from './definition.ts';

/** Whether one more request may pass now. */
export type Admit = () => boolean;

/** A token bucket, as API Gateway throttles by; without limits, everything passes. */
export function createThrottle(throttle: Throttle | undefined, nowMs = () => Date.now()): Admit {
  if (!throttle) return () => true;
  const { requestsPerSecond, burst } = throttle;
  let tokens = burst;
  let filledAtMs = nowMs();
  return () => {
    const now = nowMs();
    tokens = Math.min(burst, tokens + ((now - filledAtMs) / 1000) * requestsPerSecond);
    filledAtMs = now;
    if (tokens < 1) return false;
    tokens--;
    return true;
  };
}
