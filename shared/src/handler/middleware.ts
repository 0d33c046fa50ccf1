import { setTimeout as sleep } from 'node:timers/promises';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import { captureLambdaHandler } from '@aws-lambda-powertools/tracer/middleware';
import middy, { type MiddlewareObj } from '@middy/core';
import { PermanentError, TransientError } from '../errors.ts';
import { logger, metrics, tracer } from '../observability/telemetry.ts';

/** How long before Lambda's timeout the AbortSignal fires, and how much of that is for tidying up. */
const ABORT_BEFORE_TIMEOUT_MS = 3_000;
const TIDY_UP_MS = 2_000;

/** What the failure destination shall say of a function that its AbortSignal has stopped. */
export function outOfTime(cause?: unknown): TransientError {
  const message = 'The function ran out of time: ask for shorter segments, or give it longer.';
  return new TransientError('FUNCTION_TIMED_OUT', message, { cause });
}

/** The one middleware stack of every function: log context, trace, metrics, typed errors. */
export function instrumented() {
  return middy({
    timeoutEarlyInMillis: ABORT_BEFORE_TIMEOUT_MS,
    // Not at once: FFmpeg has just been killed, and its files should go before Lambda stops the clock.
    // The handler's own end, once it has tidied up, comes first.
    timeoutEarlyResponse: async () => {
      await sleep(TIDY_UP_MS, undefined, { ref: false });
      throw outOfTime();
    },
  })
    .use(injectLambdaContext(logger, { resetKeys: true }))
    .use(captureLambdaHandler(tracer, { captureResponse: false }))
    .use(logMetrics(metrics))
    .use(reportError());
}

/** Logs what a function dies of, and puts the code where the failure destination can read it. */
function reportError(): MiddlewareObj {
  return {
    onError: ({ error }) => {
      logger.error('The function failed', { error });
      if (error instanceof PermanentError || error instanceof TransientError) {
        // Of a thrown error, Lambda passes on only the name and the message.
        error.message = `${error.code}: ${error.message}`;
      }
    },
  };
}
