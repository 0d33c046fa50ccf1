interface Entry {
  readonly dueAt: number;
  readonly order: number;
  readonly action: () => Promise<void>;
}

/** What is yet to happen, by when; of what is due at the same time, what was added first comes first. */
export class Agenda {
  /** A binary heap: the next entry is the first. */
  readonly #heap: Entry[] = [];
  #added = 0;

  add(dueAt: number, action: () => Promise<void>): void {
    this.#heap.push({ dueAt, order: this.#added++, action });
    for (let child = this.#heap.length - 1; child > 0; ) {
      const parent = (child - 1) >> 1;
      if (!this.#isBefore(child, parent)) break;
      this.#swap(child, parent);
      child = parent;
    }
  }

  /**
   * Does everything, also what is added meanwhile.
   * @param atOnce actions under way at the same time, at most
   * @param onTime told of each entry's time before it is done
   */
  async run(atOnce: number, onTime: (dueAt: number) => void): Promise<void> {
    const underWay = new Set<Promise<void>>();
    while (this.#heap.length > 0 || underWay.size > 0) {
      if (this.#heap.length > 0 && underWay.size < atOnce) {
        const { dueAt, action } = this.#take();
        onTime(dueAt);
        const done = action().finally(() => underWay.delete(done));
        underWay.add(done);
      } else {
        await Promise.race(underWay);
      }
    }
  }

  #take(): Entry {
    const next = this.#heap[0]!;
    const last = this.#heap.pop()!;
    if (this.#heap.length > 0) {
      this.#heap[0] = last;
      for (let parent = 0; ; ) {
        const [left, right] = [2 * parent + 1, 2 * parent + 2];
        let first = parent;
        if (left < this.#heap.length && this.#isBefore(left, first)) first = left;
        if (right < this.#heap.length && this.#isBefore(right, first)) first = right;
        if (first === parent) break;
        this.#swap(first, parent);
        parent = first;
      }
    }
    return next;
  }

  #isBefore(a: number, b: number): boolean {
    const [one, other] = [this.#heap[a]!, this.#heap[b]!];
    return one.dueAt === other.dueAt ? one.order < other.order : one.dueAt < other.dueAt;
  }

  #swap(a: number, b: number): void {
    [this.#heap[a], this.#heap[b]] = [this.#heap[b]!, this.#heap[a]!];
  }
}
