import * as z from 'zod';
import { ERROR_CODES, type ErrorCode, type ErrorSummary } from '#shared/errors';
import { type BusEvent, parseWith } from '#shared/events/define-event';

/** What Lambda's failure destination puts on the bus after the last retry. */
const failureSchema = z.looseObject({
  requestContext: z.looseObject({ functionArn: z.string(), requestId: z.string() }),
  requestPayload: z.unknown(),
  responsePayload: z
    .looseObject({ errorType: z.string().optional(), errorMessage: z.string().optional() })
    .nullish(),
});

/** What a function could not process, and why. */
export interface FailureReport {
  readonly payload: unknown;
  readonly functionArn: string;
  readonly requestId: string;
  readonly error: ErrorSummary;
  /** When it was given up, the same for every delivery of the report. */
  readonly occurredAt: string;
}

export const isFailureReport = (event: BusEvent): boolean =>
  event.source === 'lambda' &&
  event['detail-type'] === 'Lambda Function Invocation Result - Failure';

/** @throws PermanentError `EVENT_INVALID` */
export function readFailureReport(event: BusEvent): FailureReport {
  const { requestContext, requestPayload, responsePayload } = parseWith(
    failureSchema,
    event.detail,
    'The failure record',
  );
  return {
    payload: requestPayload,
    functionArn: requestContext.functionArn,
    requestId: requestContext.requestId,
    error: errorOf(responsePayload?.errorType, responsePayload?.errorMessage),
    occurredAt: new Date(event.time).toISOString(),
  };
}

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
