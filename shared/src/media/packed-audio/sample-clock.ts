import { CLOCK_HZ, ticksBetween } from '../transport-stream/clock.ts';

/** Counts samples on the clock of 90 kHz, from times that are told now and then. */
export class SampleClock {
  /** From where samples are counted. */
  #startTicks = 0;
  #samples = 0;
  #sampleRate = 1;
  #isSet = false;

  /** The time of the next sample, continuous across the wrap of the clock. */
  get ticks(): number {
    return this.#startTicks + Math.round((this.#samples * CLOCK_HZ) / this.#sampleRate);
  }

  /** @param stated what a chunk says that the time of the next sample is: 33 bits */
  set(stated: number): void {
    const now = this.ticks;
    this.#restart(this.#isSet ? now + ticksBetween(now, stated) : stated);
    this.#isSet = true;
  }

  advance(samples: number, sampleRate: number): void {
    if (sampleRate !== this.#sampleRate) {
      this.#restart(this.ticks);
      this.#sampleRate = sampleRate;
    }
    this.#samples += samples;
    this.#isSet = true;
  }

  #restart(ticks: number): void {
    this.#startTicks = ticks;
    this.#samples = 0;
  }
}
