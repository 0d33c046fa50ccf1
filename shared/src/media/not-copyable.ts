/**
 * The source, or what was made of it, cannot be cut or joined by copying: encode it instead. The message
 * is the reason, made to be told to the caller.
 */
export class NotCopyableError extends Error {
  override readonly name: string = 'NotCopyableError';
}

/** The pictures are whole, but packed in a way that we do not read: repacking by FFmpeg helps. */
export class UnusualPackingError extends NotCopyableError {
  override readonly name = 'UnusualPackingError';
}
