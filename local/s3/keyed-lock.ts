/** Runs tasks of the same name one after the other, and those of different names side by side. */
export class KeyedLock {
  readonly #tails = new Map<string, Promise<unknown>>();

  async run<Result>(name: string, task: () => Promise<Result>): Promise<Result> {
    const before = this.#tails.get(name) ?? Promise.resolve();
    // The failure of one task is its caller's business, not that of the next in line.
    const result = before.then(task, task);
    this.#tails.set(name, result);
    try {
      return await result;
    } finally {
      if (this.#tails.get(name) === result) this.#tails.delete(name);
    }
  }
}
