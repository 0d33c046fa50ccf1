import type { IncomingMessage, ServerResponse } from 'node:http';

/** What the gateway knows about a call before the service sees it. */
export interface AwsCall {
  /** The access key the request was signed with; absent on unsigned requests. Signatures are not verified. */
  readonly accessKeyId: string | undefined;
  /** The caller's X-Ray header (`X-Amzn-Trace-Id`), passed on by EventBridge. */
  readonly traceHeader: string | undefined;
  /** Aborts when the client hangs up: a long poll must not take messages for nobody. */
  readonly signal?: AbortSignal;
  /**
   * Checks the caller's role, as packaged in the templates, for one action on one resource.
   * Callers that are no function's role (a laptop's own credentials) may do everything.
   * @throws AwsError `AccessDenied` (S3, query protocol) or `AccessDeniedException` (JSON), HTTP 403
   */
  authorize(action: string, resourceArn: string): void;
}

/** One AWS service behind the gateway's single port. It answers the request on every path. */
export interface AwsService {
  handle(request: IncomingMessage, response: ServerResponse, call: AwsCall): Promise<void>;
}

/** An error that the calling SDK shall see under this code. */
export class AwsError extends Error {
  override readonly name = 'AwsError';
  constructor(
    readonly code: string,
    message: string,
    readonly statusCode = 400,
  ) {
    super(message);
  }
}
