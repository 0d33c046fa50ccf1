/** A source that cannot be made an episode; the message is one line for the user. */
export class IngestError extends Error {
  override readonly name = 'IngestError';
}
