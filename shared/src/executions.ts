/** What tells which of two executions of a clip is the later one. */
export interface ExecutionOrder {
  executionId: string;
  executionStartedAt: string;
}

/**
 * Whether `a` is a later execution than `b`. ISO times in UTC sort as text; of two that began in the
 * same millisecond the greater id counts as later, so that everybody decides alike.
 */
export function isNewer(a: ExecutionOrder, b: ExecutionOrder): boolean {
  if (a.executionStartedAt !== b.executionStartedAt) {
    return a.executionStartedAt > b.executionStartedAt;
  }
  return a.executionId > b.executionId;
}
