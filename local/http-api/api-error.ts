/** What API Gateway answers itself, instead of a function: `{"message": …}`. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** Why, for the log; the client does not hear it. */
  readonly detail: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    readonly statusCode: number,
    message: string,
    { detail = message, headers = {} }: Partial<Pick<ApiError, 'detail' | 'headers'>> = {},
  ) {
    super(message);
    this.detail = detail;
    this.headers = headers;
  }
}
