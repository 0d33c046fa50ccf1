import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type InvocationCondition, invocationRecord } from './destination-record.ts';
import type { EventStore, QueuedEvent } from './event-store.ts';
import {
  DEFAULT_EVENT_AGE_SECONDS,
  DEFAULT_RETRY_ATTEMPTS,
  type FunctionConfig,
} from './function-config.ts';
import type { FunctionRuntime } from './function-runtime.ts';
import type { FunctionError } from './protocol.ts';

export interface QueueHost {
  store: EventStore;
  runtimeOf(functionName: string): FunctionRuntime | undefined;
  /** Delay before the n-th retry; the last one serves all further retries. */
  retryDelaysMs: readonly number[];
  /** Simultaneous attempts of all functions without a reservation together. */
  unreservedConcurrency: number;
  sendToDestination: (arn: string, record: object) => Promise<void>;
  /** Called when the last known event has been seen through. */
  onEmpty: () => void;
}

const FIRST_DELIVERY_DELAY_MS = 200;
const MAX_DELIVERY_DELAY_MS = 30_000;
const DISK_ERROR_DELAY_MS = 5_000;

/**
 * Lambda's queue for `InvocationType: Event`. Every event is tried until it succeeds, its retries
 * are used up or it is too old; then its destination is told until it takes the record. An event
 * may run more than once: when this process dies between an attempt and its bookkeeping.
 */
export class AsyncQueue {
  readonly #events = new Map<string, QueuedEvent>();
  /** The work under way, by request id. */
  readonly #active = new Map<string, Promise<void>>();
  readonly #closing = new AbortController();
  #unreservedRunning = 0;
  #sequence = 0;
  #wake: NodeJS.Timeout | undefined;

  constructor(private readonly host: QueueHost) {
    for (const event of host.store.load()) this.#events.set(event.requestId, event);
  }

  /** Whether no event of a known function is left; others wait until theirs is registered. */
  get empty(): boolean {
    return [...this.#events.values()].every((event) => !this.host.runtimeOf(event.functionName));
  }

  /** @returns the request id, once the event is on disk */
  async add(functionName: string, eventJson: string, traceHeader: string): Promise<string> {
    const nowMs = Date.now();
    const event: QueuedEvent = {
      requestId: randomUUID(),
      functionName,
      eventJson,
      traceHeader,
      acceptedAtMs: nowMs,
      sequence: this.#sequence++,
      failedAttempts: 0,
      notBeforeMs: nowMs,
    };
    await this.host.store.save(event);
    this.#events.set(event.requestId, event);
    this.pump();
    return event.requestId;
  }

  /** Begins whatever can begin now, and sets the clock for the rest. */
  pump(): void {
    clearTimeout(this.#wake);
    if (this.#closing.signal.aborted) return;
    const nowMs = Date.now();
    let wakeAtMs = Number.POSITIVE_INFINITY;
    for (const event of this.#events.values()) {
      const runtime = this.host.runtimeOf(event.functionName);
      if (!runtime || this.#active.has(event.requestId)) continue;
      const expiresAtMs = expiry(event, runtime.config);
      const due = event.notBeforeMs <= nowMs;
      if (event.delivery || expiresAtMs <= nowMs || (due && this.#hasRoom(runtime))) {
        this.#begin(event, runtime);
      } else {
        wakeAtMs = Math.min(wakeAtMs, expiresAtMs, due ? expiresAtMs : event.notBeforeMs);
      }
    }
    if (Number.isFinite(wakeAtMs)) {
      this.#wake = setTimeout(() => this.pump(), wakeAtMs - nowMs);
      this.#wake.unref();
    }
    if (this.empty) this.host.onEmpty();
  }

  /** Begins nothing more. Call before the runtimes are killed: what dies then is not a failure. */
  stop(): void {
    this.#closing.abort();
    clearTimeout(this.#wake);
  }

  /** Resolves when nothing writes to the disk any more. */
  async stopped(): Promise<void> {
    await Promise.all(this.#active.values());
  }

  #hasRoom(runtime: FunctionRuntime): boolean {
    const reserved = runtime.config.reservedConcurrency !== undefined;
    const poolHasRoom = this.#unreservedRunning < this.host.unreservedConcurrency;
    return runtime.hasCapacity && (reserved || poolHasRoom);
  }

  #begin(event: QueuedEvent, runtime: FunctionRuntime): void {
    const work = this.#process(event, runtime)
      .catch(async (error) => {
        // Only the disk can fail here. The event keeps its last state there and gets another chance.
        runtime.note(`Queue: ${error}`, event.requestId);
        await this.#pause(DISK_ERROR_DELAY_MS);
      })
      .finally(() => {
        this.#active.delete(event.requestId);
        this.pump();
      });
    this.#active.set(event.requestId, work);
  }

  async #process(event: QueuedEvent, runtime: FunctionRuntime): Promise<void> {
    if (event.delivery) return this.#deliver(event, runtime);
    if (expiry(event, runtime.config) <= Date.now()) {
      return this.#finish(event, runtime, 'EventAgeExceeded');
    }
    const attempt = event.failedAttempts + 1;
    const end = await this.#run(event, runtime, attempt);
    if (!end.error) return this.#finish(event, runtime, 'Success', end.resultJson);
    // Killed by our own closing: not the function's fault, so the attempt does not count.
    if (this.#closing.signal.aborted) return;
    event.failedAttempts = attempt;
    event.lastError = end.error;
    if (attempt > (runtime.config.maximumRetryAttempts ?? DEFAULT_RETRY_ATTEMPTS)) {
      return this.#finish(event, runtime, 'RetriesExhausted');
    }
    const { retryDelaysMs } = this.host;
    event.notBeforeMs = Date.now() + (retryDelaysMs[attempt - 1] ?? retryDelaysMs.at(-1) ?? 0);
    await this.host.store.save(event);
  }

  async #run(
    event: QueuedEvent,
    runtime: FunctionRuntime,
    attempt: number,
  ): Promise<{ resultJson: string; error?: FunctionError }> {
    const unreserved = runtime.config.reservedConcurrency === undefined ? 1 : 0;
    this.#unreservedRunning += unreserved;
    try {
      return await runtime.run({
        requestId: event.requestId,
        eventJson: event.eventJson,
        traceHeader: event.traceHeader,
        queued: { attempt, waitingSinceMs: event.notBeforeMs },
      });
    } finally {
      this.#unreservedRunning -= unreserved;
    }
  }

  async #finish(
    event: QueuedEvent,
    runtime: FunctionRuntime,
    condition: InvocationCondition,
    resultJson?: string,
  ): Promise<void> {
    const { config } = runtime;
    const succeeded = condition === 'Success';
    const destinationArn = succeeded ? config.onSuccessArn : config.onFailureArn;
    if (!destinationArn) {
      if (!succeeded) {
        runtime.note(
          `Event dropped (${condition}, ${event.failedAttempts} attempts): no OnFailure destination`,
          event.requestId,
        );
      }
      return this.#forget(event);
    }
    const response = succeeded
      ? { payload: JSON.parse(resultJson ?? 'null') }
      : event.lastError && { error: event.lastError };
    const record = invocationRecord({
      config,
      requestId: event.requestId,
      eventJson: event.eventJson,
      condition,
      invokeCount: event.failedAttempts + (succeeded ? 1 : 0),
      ...(response ? { response } : {}),
    });
    event.delivery = { destinationArn, record };
    await this.host.store.save(event);
    return this.#deliver(event, runtime);
  }

  /** Tells the destination until it accepts; gives up only when this process closes. */
  async #deliver(event: QueuedEvent, runtime: FunctionRuntime): Promise<void> {
    const { delivery } = event;
    if (!delivery) return;
    let waitMs = FIRST_DELIVERY_DELAY_MS;
    while (!this.#closing.signal.aborted) {
      try {
        await this.host.sendToDestination(delivery.destinationArn, delivery.record);
        return await this.#forget(event);
      } catch (error) {
        runtime.note(`Destination ${delivery.destinationArn}: ${error}`, event.requestId);
      }
      await this.#pause(waitMs);
      waitMs = Math.min(waitMs * 2, MAX_DELIVERY_DELAY_MS);
    }
  }

  /** Ends early when this process closes. */
  async #pause(waitMs: number): Promise<void> {
    const { signal } = this.#closing;
    await delay(waitMs, undefined, { signal, ref: false }).catch(() => undefined);
  }

  async #forget(event: QueuedEvent): Promise<void> {
    await this.host.store.remove(event.requestId);
    this.#events.delete(event.requestId);
  }
}

function expiry(event: QueuedEvent, config: FunctionConfig): number {
  const maximumAgeSeconds = config.maximumEventAgeSeconds ?? DEFAULT_EVENT_AGE_SECONDS;
  return event.acceptedAtMs + maximumAgeSeconds * 1000;
}
