import type { ErrorCode } from '../errors.ts';

/** What only a request over HTTP can fail with. Everything else fails with the codes of events, too. */
export const HTTP_ERROR_CODES = [
  'REQUEST_INVALID',
  'BODY_NOT_JSON',
  'BODY_TOO_LARGE',
  'CONTENT_TYPE_UNSUPPORTED',
  'TENANT_MISSING',
  'SCOPE_MISSING',
  'JOB_NOT_FOUND',
  'JOB_ENDED',
  'CLIP_NOT_READY',
  'CLIP_NOT_MADE',
  'CLIP_GONE',
  'QUALITY_NOT_AVAILABLE',
  'RENDITION_NOT_READY',
  'THUMBNAIL_NOT_READY',
  'IDEMPOTENCY_KEY_REUSED',
  'INTERNAL',
] as const;

export type ProblemCode = ErrorCode | (typeof HTTP_ERROR_CODES)[number];

export interface ProblemOptions extends ErrorOptions {
  /** The field that does not fit, as `clips.0.segments.1.endTime`. */
  field?: string;
  /** What the caller's code may want to know beside that, such as `episodeDurationMs`. */
  members?: Readonly<Record<string, unknown>>;
  headers?: Readonly<Record<string, string>>;
}

/** An answer that is an error, on purpose: RFC 9457. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';
  readonly field: string | undefined;
  readonly members: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;

  /** @param message tells the caller what to do */
  constructor(
    readonly status: number,
    readonly code: ProblemCode,
    message: string,
    { field, members = {}, headers = {}, ...options }: ProblemOptions = {},
  ) {
    super(message, options);
    this.field = field;
    this.members = members;
    this.headers = headers;
  }
}
