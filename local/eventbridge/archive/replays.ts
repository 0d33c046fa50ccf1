import { nameOf } from '../arn.ts';
import type { BusEvent } from '../event.ts';
import type { EventRouter } from '../router.ts';
import type { Replay } from '../state/records.ts';
import type { Registry } from '../state/registry.ts';
import type { Archives } from './archives.ts';

/** Events on their way at a time: enough to keep targets busy, few enough for a cancellation to bite. */
const MAXIMUM_IN_FLIGHT = 100;

export interface ReplaysOptions {
  readonly registry: Registry;
  readonly archives: Archives;
  readonly router: EventRouter;
}

/**
 * Puts archived events on their bus again, in order of their time. (AWS goes minute by minute and promises
 * no order within one, so consumers must not rely on it.) An event keeps its id and time, gains `replay-name`
 * and has no trace header. A replay that a stop of the stack interrupts has failed; start another.
 */
export class Replays {
  readonly #options: ReplaysOptions;
  readonly #running = new Map<string, { done: Promise<void>; stop: AbortController }>();

  constructor(options: ReplaysOptions) {
    this.#options = options;
    this.#failInterrupted();
  }

  /** Begins a replay, whose record must be new, in the background. */
  start(replay: Replay): void {
    this.#update(replay);
    this.#options.registry.save();
    const stop = new AbortController();
    const done = this.#run(replay, stop.signal)
      .catch((error: unknown) => {
        console.error(error);
        return { state: 'FAILED', stateReason: String(error) } as const;
      })
      .then((end) => {
        this.#running.delete(replay.name);
        if (end) this.#change(replay.name, { ...end, endedSeconds: Date.now() / 1000 });
      });
    this.#running.set(replay.name, { done, stop });
  }

  /** Asks a running replay to stop; false if it is not running. What is on its way is still delivered. */
  cancel(name: string): boolean {
    const running = this.#running.get(name);
    if (!running) return false;
    this.#change(name, { state: 'CANCELLING', stateReason: 'Cancelled by the user' });
    running.stop.abort('cancelled');
    return true;
  }

  /** Resolves when no replay is running. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) {
      await Promise.all([...this.#running.values()].map(({ done }) => done));
    }
  }

  /** Stops all replays and leaves their records as running, so that the next start finds them interrupted. */
  async close(): Promise<void> {
    for (const { stop } of this.#running.values()) stop.abort('closed');
    await this.idle();
  }

  /** @returns how the replay ended; undefined if the stack closes */
  async #run(replay: Replay, stopped: AbortSignal): Promise<Partial<Replay> | undefined> {
    const { archives, registry, router } = this.#options;
    const bus = registry.bus(nameOf(replay.busArn));
    const archive = registry.archive(nameOf(replay.archiveArn));
    // Event times are whole seconds: the second in which the range begins belongs to it.
    const fromMs = Math.floor(replay.fromSeconds) * 1000;
    const events = await archives.eventsBetween(archive, fromMs, replay.toSeconds * 1000);

    if (!stopped.aborted) this.#change(replay.name, { state: 'RUNNING' });
    const onStop = new Promise<void>((resolve) =>
      stopped.addEventListener('abort', () => resolve()),
    );
    const inFlight = new Set<Promise<void>>();
    for (const event of events) {
      while (inFlight.size >= MAXIMUM_IN_FLIGHT && !stopped.aborted) {
        await Promise.race([...inFlight, onStop]);
      }
      if (stopped.aborted) break;
      const attempted = router
        .dispatch(bus, marked(event, replay), { ruleArns: replay.ruleArns })
        .finally(() => inFlight.delete(attempted));
      inFlight.add(attempted);
      this.#update({
        ...registry.replay(replay.name),
        lastReplayedSeconds: Date.parse(event.time) / 1000,
      });
    }
    await Promise.race([Promise.all(inFlight), onStop]);
    if (!stopped.aborted) return { state: 'COMPLETED' };
    return stopped.reason === 'cancelled' ? { state: 'CANCELLED' } : undefined;
  }

  #failInterrupted(): void {
    for (const { name, state } of this.#options.registry.replays.values()) {
      if (state === 'STARTING' || state === 'RUNNING') {
        const stateReason = 'The stack stopped during the replay; start another one.';
        this.#change(name, { state: 'FAILED', stateReason, endedSeconds: Date.now() / 1000 });
      } else if (state === 'CANCELLING') {
        this.#change(name, { state: 'CANCELLED', endedSeconds: Date.now() / 1000 });
      }
    }
  }

  #change(name: string, change: Partial<Replay>): void {
    this.#update({ ...this.#options.registry.replay(name), ...change });
    this.#options.registry.save();
  }

  /** Progress alone is not saved: one write for each event would cost more than the replay. */
  #update(replay: Replay): void {
    this.#options.registry.replays.set(replay.name, replay);
  }
}

function marked(event: BusEvent, { name }: Replay): BusEvent {
  return { ...event, 'replay-name': name };
}
