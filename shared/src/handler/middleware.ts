import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import { captureLambdaHandler } from '@aws-lambda-powertools/tracer/middleware';
import middy, { type MiddlewareObj } from '@middy/core';
import { PermanentError, TransientError } from '../errors.ts';
import { logger, metrics, tracer } from '../observability/telemetry.ts';

/**
 * How long before Lambda's timeout the AbortSignal fires: enough for FFmpeg to be killed, temporary
 * files to be removed and the error to be reported, all of which the timeout itself would cut off.
 */
const ABORT_BEFORE_TIMEOUT_MS = 1_500;

/** The one middleware stack of every function: log context, trace, metrics, typed errors. */
export function instrumented() {
  return middy({
    timeoutEarlyInMillis: ABORT_BEFORE_TIMEOUT_MS,
    timeoutEarlyResponse: () => {
      throw new TransientError(
        'FUNCTION_TIMED_OUT',
        'The function ran out of time and was stopped.',
      );
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
