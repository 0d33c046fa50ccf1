import { performance } from 'node:perf_hooks';

/** Measures the stages of a piece of work, one after the other. */
export class Laps<Stage extends string> {
  readonly #startedAt = performance.now();
  #lapAt = this.#startedAt;
  readonly #laps = new Map<Stage, number>();

  /** Ends the current stage and begins the next. */
  end(stage: Stage): void {
    const now = performance.now();
    this.#laps.set(stage, now - this.#lapAt);
    this.#lapAt = now;
  }

  /** How long a stage took, in whole milliseconds. */
  of(stage: Stage): number {
    return Math.round(this.#laps.get(stage) ?? 0);
  }

  /** From the beginning to the end of the last stage, in whole milliseconds. */
  get total(): number {
    return Math.round(this.#lapAt - this.#startedAt);
  }
}
