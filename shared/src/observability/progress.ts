const MIN_INTERVAL_MS = Number(process.env.PROGRESS_INTERVAL_MS ?? 2_000);
const MIN_POINTS = 5;

/**
 * Tells how far a piece of work is, at most every 2 s and every 5 points, and never that it went back. What
 * takes less than that is not told at all: its end is.
 */
export class Progress {
  #toldPercentage = 0;
  #toldAtMs = performance.now();
  #telling: Promise<void> = Promise.resolve();

  /** @param tell is given the percentage; it must not fail */
  constructor(private readonly tell: (percentage: number) => Promise<void>) {}

  /** @param share of all the work that is done, from 0 to 1 */
  readonly update = (share: number): void => {
    const percentage = Math.min(99, Math.floor(share * 100));
    const now = performance.now();
    if (percentage - this.#toldPercentage < MIN_POINTS) return;
    if (now - this.#toldAtMs < MIN_INTERVAL_MS) return;
    this.#toldPercentage = percentage;
    this.#toldAtMs = now;
    this.#telling = this.#telling.then(() => this.tell(percentage));
  };

  /** Resolves once all is told: Lambda freezes a function that has answered. */
  settled(): Promise<void> {
    return this.#telling;
  }
}
