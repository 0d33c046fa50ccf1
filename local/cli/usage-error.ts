/** An option that cannot be used; the message is one line for the user. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
