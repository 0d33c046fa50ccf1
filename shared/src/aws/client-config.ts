import { ConfiguredRetryStrategy } from '@smithy/core/retry';
import { MAX_RETRIES, retryDelayMs } from './retry.ts';

/** What all AWS clients share. One module per client, so that a bundle holds only those it uses. */
export const clientConfig = {
  // It counts attempts, the first one included.
  retryStrategy: new ConfiguredRetryStrategy(1 + MAX_RETRIES, retryDelayMs),
  // A connection that hangs must fail within the 30 s that the small functions have.
  requestHandler: { connectionTimeout: 3_000, socketTimeout: 20_000 },
};
