/** What must be undone when the stack stops, or when its start fails half-way: last in, first out. */
export interface Cleanup {
  add(undo: () => Promise<void> | void): void;
  /** Undoes everything, once; a failure does not keep the rest from being undone. */
  run(): Promise<void>;
}

export function createCleanup(): Cleanup {
  const pending: (() => Promise<void> | void)[] = [];
  return {
    add(undo) {
      pending.push(undo);
    },
    async run() {
      const errors: unknown[] = [];
      for (let undo = pending.pop(); undo; undo = pending.pop()) {
        try {
          await undo();
        } catch (error) {
          errors.push(error);
        }
      }
      if (errors.length > 0) throw new AggregateError(errors, 'The stack did not stop cleanly.');
    },
  };
}
