import type { FunctionConfig } from './function-config.ts';
import type { FunctionError } from './protocol.ts';
import { newSegmentId, type TraceContext } from './trace-header.ts';

/** One attempt to run a function, as the Lambda service saw it. Times are epoch milliseconds. */
export interface TracedAttempt {
  config: FunctionConfig;
  accountId: string;
  requestId: string;
  trace: TraceContext;
  /** The id of the function's segment, which the handler's own subsegments name as their parent. */
  functionSegmentId: string;
  /** When Lambda was asked; before `startedAtMs` by the time the event waited. */
  receivedAtMs: number;
  startedAtMs: number;
  endedAtMs: number;
  /** Only of a cold start. */
  initEndedAtMs?: number;
  /** 1 for the first; absent for synchronous invocations, which have only one. */
  attempt?: number;
  error?: FunctionError;
}

/**
 * The two segments that the Lambda service itself sends of an invocation: `AWS::Lambda`, the
 * service with the time in its queue, and `AWS::Lambda::Function`, the execution environment.
 */
export function lambdaSegments(attempt: TracedAttempt): object[] {
  const { config, trace, requestId } = attempt;
  const serviceSegmentId = newSegmentId();
  const attemptId = newSegmentId();
  const queued = attempt.attempt !== undefined;
  const shared = {
    trace_id: trace.traceId,
    name: config.functionName,
    end_time: attempt.endedAtMs / 1000,
    resource_arn: config.functionArn,
    ...failure(attempt.error),
  };
  const service = {
    ...shared,
    id: serviceSegmentId,
    ...(trace.parentId ? { parent_id: trace.parentId } : {}),
    origin: 'AWS::Lambda',
    start_time: attempt.receivedAtMs / 1000,
    http: { response: { status: queued ? 202 : 200 } },
    aws: { request_id: requestId },
    ...(queued
      ? {
          subsegments: [
            {
              id: newSegmentId(),
              name: 'Dwell Time',
              start_time: attempt.receivedAtMs / 1000,
              end_time: attempt.startedAtMs / 1000,
            },
            {
              id: attemptId,
              name: `Attempt #${attempt.attempt}`,
              start_time: attempt.startedAtMs / 1000,
              end_time: attempt.endedAtMs / 1000,
              ...failure(attempt.error),
            },
          ],
        }
      : {}),
  };
  const environment = {
    ...shared,
    id: attempt.functionSegmentId,
    parent_id: queued ? attemptId : serviceSegmentId,
    origin: 'AWS::Lambda::Function',
    start_time: attempt.startedAtMs / 1000,
    aws: {
      request_id: requestId,
      account_id: attempt.accountId,
      function_arn: config.functionArn,
    },
    ...(attempt.error ? { cause: { exceptions: [exception(attempt.error)] } } : {}),
    ...(attempt.initEndedAtMs
      ? {
          subsegments: [
            {
              id: newSegmentId(),
              name: 'Initialization',
              start_time: attempt.startedAtMs / 1000,
              end_time: attempt.initEndedAtMs / 1000,
            },
          ],
        }
      : {}),
  };
  return [service, environment];
}

/** The segment of a call that found the function's concurrency used up. */
export function throttledSegment(config: FunctionConfig, trace: TraceContext): object {
  const nowSeconds = Date.now() / 1000;
  return {
    trace_id: trace.traceId,
    id: newSegmentId(),
    ...(trace.parentId ? { parent_id: trace.parentId } : {}),
    name: config.functionName,
    origin: 'AWS::Lambda',
    resource_arn: config.functionArn,
    start_time: nowSeconds,
    end_time: nowSeconds,
    error: true,
    throttle: true,
    http: { response: { status: 429 } },
  };
}

/** A function error is the service's fault towards its caller, hence `fault`, not `error`. */
function failure(error: FunctionError | undefined): object {
  return error ? { fault: true } : {};
}

function exception(error: FunctionError): object {
  return { id: newSegmentId(), message: error.errorMessage, type: error.errorType };
}
