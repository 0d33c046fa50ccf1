/** Why there are no templates and bundles to work with; the message says what to do about it. */
export class PackagingError extends Error {
  override readonly name = 'PackagingError';
  constructor(
    readonly code: 'PackagingFailed' | 'UnsafeArtifact',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
