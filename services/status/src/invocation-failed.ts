import type { Context } from 'aws-lambda';
import * as z from 'zod';
import { ERROR_CODES, type ErrorCode, type ErrorSummary } from '#shared/errors';
import { parseEnvelope, parseWith } from '#shared/events/define-event';
import { instrumented } from '#shared/handler/middleware';
import { count, logger } from '#shared/observability/telemetry';
import { failUnprocessed } from './fail-unprocessed.ts';

/** What Lambda's failure destination puts on the bus after the last retry. */
const failureSchema = z.looseObject({
  requestContext: z.looseObject({ functionArn: z.string(), requestId: z.string() }),
  requestPayload: z.unknown(),
  responsePayload: z
    .looseObject({ errorType: z.string().optional(), errorMessage: z.string().optional() })
    .nullish(),
});

/** `Lambda Function Invocation Result - Failure` → the clip it was about becomes `Generation Failed`. */
export const handler = instrumented().handler(async (input: unknown, _context: Context) => {
  const event = parseEnvelope(input);
  const { requestContext, requestPayload, responsePayload } = parseWith(
    failureSchema,
    event.detail,
    'The failure record',
  );
  const error = errorOf(responsePayload?.errorType, responsePayload?.errorMessage);
  count('InvocationFailureCount');
  logger.error('A function gave up on an event', { requestContext, error });
  const occurredAt = new Date(event.time).toISOString();
  await failUnprocessed(requestPayload, requestContext.functionArn, error, occurredAt);
});

const CODE_OF_ERROR_TYPE: Record<string, ErrorCode> = {
  'Sandbox.Timedout': 'FUNCTION_TIMED_OUT',
  'Runtime.OutOfMemory': 'FUNCTION_OUT_OF_MEMORY',
};

/** Our own errors put their code before the message; Lambda's are told by their type. */
export function errorOf(errorType = 'Unknown', errorMessage = ''): ErrorSummary {
  const [, code, message] = /^([A-Z_]+): (.*)$/s.exec(errorMessage) ?? [];
  const ownCode = ERROR_CODES.find((known) => known === code);
  return {
    code: ownCode ?? CODE_OF_ERROR_TYPE[errorType] ?? 'FUNCTION_FAILED',
    message: `${(ownCode ? message : errorMessage) || errorType} The function gave up after its retries: replay the event once the cause is gone.`,
  };
}
