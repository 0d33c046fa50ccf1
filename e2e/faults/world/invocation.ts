import type { Seam } from './aws-calls.ts';

/** The process dies right before or right after a call, or lives on. */
export type Fate = 'before' | 'after' | undefined;

/** Which invocation of which function. */
export interface InvocationName {
  /** Of the delivery: the same for all of its attempts. */
  readonly number: number;
  readonly functionName: string;
  /** The detail-type of the event it was invoked with. */
  readonly eventName: string;
  /** 1 for the first. */
  readonly attempt: number;
}

/** One AWS call of one invocation. */
export interface MadeCall extends InvocationName {
  /** As in `DynamoDB Update`. */
  readonly call: string;
  /** Place among the calls of the invocation. */
  readonly place: number;
}

/** What surrounds an invocation. */
export interface Surroundings {
  fateOf(call: MadeCall): Fate;
  made(call: MadeCall): void;
  settle(): Promise<void>;
  /** Holds a call back until `release` is called; absent where calls go through at once. */
  hold?(call: string, release: () => Promise<void>, atLeastMs: number): void;
}

/** What Lambda reports of a process that is gone. */
class ProcessDied extends Error {
  override readonly name = 'Runtime.ExitError';
  constructor() {
    super('Runtime exited with error: signal: killed');
  }
}

const SLEEP = /^sleep (\d+)/;

/** An invocation under way: every call it makes goes through {@link seam}. */
export class Invocation {
  readonly #name: InvocationName;
  readonly #around: Surroundings;
  #isDead = false;
  #calls = 0;
  #held = 0;
  #onStop: (() => void) | undefined;
  #isOver = false;

  constructor(name: InvocationName, around: Surroundings) {
    this.#name = name;
    this.#around = around;
  }

  readonly seam: Seam = async (call, send) => {
    const sleepMs = SLEEP.exec(call)?.[1];
    await this.#hold(call, Number(sleepMs ?? 0));
    // Whatever else it had begun: nothing leaves a process that is dead.
    if (this.#isDead) throw new ProcessDied();
    if (sleepMs !== undefined) return send();
    const made = { ...this.#name, call, place: this.#calls++ };
    this.#around.made(made);
    const fate = this.#around.fateOf(made);
    if (fate === 'before') this.#die();
    const answer = await send().then(
      (value) => () => value,
      (error: unknown) => () => {
        throw error;
      },
    );
    if (call.startsWith('EventBridge')) await this.#around.settle();
    if (fate === 'after') this.#die();
    return answer();
  };

  endsWith(work: Promise<void>): void {
    void work.finally(() => {
      this.#isOver = true;
      this.#onStop?.();
    });
  }

  /** Resolves as soon as it has ended or waits for a call. */
  async stopped(): Promise<void> {
    if (this.#isOver || this.#held > 0) return;
    await new Promise<void>((resolve) => {
      this.#onStop = resolve;
    });
  }

  async #hold(call: string, atLeastMs: number): Promise<void> {
    const { hold } = this.#around;
    if (!hold) return;
    await new Promise<void>((resolve) => {
      this.#held++;
      hold(
        call,
        async () => {
          this.#held--;
          resolve();
          await this.stopped();
        },
        atLeastMs,
      );
      this.#onStop?.();
    });
  }

  #die(): never {
    this.#isDead = true;
    throw new ProcessDied();
  }
}
