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
  /** @param spansChunks chunks do not stand alone, but together they are as they should be */
  constructor(
    message: string,
    readonly spansChunks = false,
  ) {
    super(message);
  }
}

/** The packets of a transport stream must be put in order before they can be indexed. */
export class UntidyStreamError extends NotCopyableError {
  override readonly name = 'UntidyStreamError';
}

/** Neither our own index nor FFmpeg can make anything of it. */
export class UnreadableMediaError extends NotCopyableError {
  override readonly name = 'UnreadableMediaError';
  /** @param advice what to do about it, behind a colon */
  constructor(
    reason: string,
    readonly advice: string,
  ) {
    super(reason);
  }
}
