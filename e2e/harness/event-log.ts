import { EventEmitter, on } from 'node:events';
import type { BusEvent } from '#local/eventbridge/index';

/** The parts of a detail that tests look at; which are there depends on the event. */
export interface Detail {
  readonly tenantId?: string;
  readonly episodeId?: string;
  readonly executionId?: string;
  readonly clipId?: string;
  readonly segmentIndex?: number;
  readonly rendition?: string;
  readonly clipIndex?: number;
  readonly requestId?: string;
  readonly error?: { readonly code: string; readonly message: string };
  readonly meta?: {
    readonly eventId: string;
    readonly correlationId: string;
    readonly causationId: string;
    readonly occurredAt: string;
  };
}

export type SeenEvent = BusEvent & { readonly bus: string; readonly detail: Detail };

/** Every event that any bus of a stack has seen, in order. */
export class EventLog {
  readonly #seen: SeenEvent[] = [];
  readonly #arrivals = new EventEmitter<{ event: [SeenEvent] }>().setMaxListeners(0);

  add(bus: string, event: BusEvent): void {
    const seen = { ...event, bus };
    this.#seen.push(seen);
    this.#arrivals.emit('event', seen);
  }

  /** Tells of every event from now on. @returns what ends it */
  listen(listener: (event: SeenEvent) => void): () => void {
    this.#arrivals.on('event', listener);
    return () => this.#arrivals.off('event', listener);
  }

  get all(): readonly SeenEvent[] {
    return this.#seen;
  }

  ofExecution(executionId: string): SeenEvent[] {
    return this.#seen.filter((event) => event.detail.executionId === executionId);
  }

  /** The first event that matches, be it there or yet to come; the test's own timeout ends the wait. */
  async first(matches: (event: SeenEvent) => boolean): Promise<SeenEvent> {
    const arrivals = on(this.#arrivals, 'event');
    try {
      const known = this.#seen.find(matches);
      if (known) return known;
      for await (const [event] of arrivals) {
        if (matches(event as SeenEvent)) return event as SeenEvent;
      }
      throw new Error('The event log has ended.');
    } finally {
      await arrivals.return?.();
    }
  }
}
