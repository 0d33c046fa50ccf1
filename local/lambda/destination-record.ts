import type { FunctionConfig } from './function-config.ts';
import type { FunctionError } from './protocol.ts';

/** Why a queued event was seen through. */
export type InvocationCondition = 'Success' | 'RetriesExhausted' | 'EventAgeExceeded';

/** What Lambda tells a destination about a queued event ("invocation record", version 1.0). */
export interface InvocationRecord {
  version: '1.0';
  timestamp: string;
  requestContext: {
    requestId: string;
    functionArn: string;
    condition: InvocationCondition;
    approximateInvokeCount: number;
  };
  requestPayload: unknown;
  /** Absent, as is the payload, when the function was never run. */
  responseContext?: { statusCode: 200; executedVersion: '$LATEST'; functionError?: 'Unhandled' };
  responsePayload?: unknown;
}

export function invocationRecord(options: {
  config: FunctionConfig;
  requestId: string;
  eventJson: string;
  condition: InvocationCondition;
  invokeCount: number;
  response?: { payload: unknown } | { error: FunctionError };
}): InvocationRecord {
  const { response } = options;
  const failed = response !== undefined && 'error' in response;
  return {
    version: '1.0',
    timestamp: new Date().toISOString(),
    requestContext: {
      requestId: options.requestId,
      functionArn: `${options.config.functionArn}:$LATEST`,
      condition: options.condition,
      approximateInvokeCount: options.invokeCount,
    },
    requestPayload: JSON.parse(options.eventJson),
    ...(response
      ? {
          responseContext: {
            statusCode: 200,
            executedVersion: '$LATEST',
            ...(failed ? { functionError: 'Unhandled' } : {}),
          },
          responsePayload: failed ? response.error : response.payload,
        }
      : {}),
  };
}
