/** What Lambda reports of a failed invocation, as its caller sees it. */
export interface FunctionError {
  errorType: string;
  errorMessage: string;
  /** The stack, a frame a line; absent when the platform, not the code, failed. */
  trace?: string[];
}

/** Runner to environment: run the handler once. */
export interface InvokeMessage {
  requestId: string;
  eventJson: string;
  /** Epoch milliseconds at which the invocation is killed. */
  deadlineMs: number;
  /** The value of `_X_AMZN_TRACE_ID` for this invocation. */
  traceHeader: string;
  invokedFunctionArn: string;
  clientContext?: unknown;
}

/** Environment to runner. A fatal error is the last message: the process exits after it. */
export type EnvironmentMessage =
  | { kind: 'ready' }
  | { kind: 'success'; requestId: string; resultJson: string; rssBytes: number }
  | {
      kind: 'error';
      /** Absent when the handler could not be loaded. */
      requestId?: string;
      error: FunctionError;
      fatal: boolean;
      rssBytes: number;
    };

/**
 * Begins the line that an environment writes to stdout and stderr when an invocation ends, followed
 * by the request id: what precedes it belongs to the invocation, however the pipes and IPC raced.
 */
export const END_OF_OUTPUT = '\0end ';
