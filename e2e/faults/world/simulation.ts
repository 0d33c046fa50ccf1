import { randomUUID } from 'node:crypto';
import type { Context } from 'aws-lambda';
import { vi } from 'vitest';
import type { Delivery } from '#local/eventbridge/index';
import { invocationRecord } from '#local/lambda/destination-record';
import { createDestinations } from '#local/stack/destinations';
import type { FinalState, LoggedEvent, Undelivered } from '../checker/final-state.ts';
import { Agenda } from './agenda.ts';
import { throughSeam } from './aws-calls.ts';
import { deadLetterBatch } from './dead-letters.ts';
import type { WorldFunction } from './functions.ts';
import { type Fate, Invocation, type MadeCall } from './invocation.ts';
import type { World } from './world.ts';

export interface SimulationOptions {
  /** How often a function gets an event; asked for each publication. Default: once. */
  readonly copies?: (event: LoggedEvent, functionName: string) => number;
  /** How late a copy arrives, in milliseconds of the simulation's clock. Default: at once. */
  readonly delayMs?: () => number;
  /**
   * How long each AWS call takes to arrive, during which others may overtake it: invocations are interleaved
   * call by call. Without it each invocation runs undisturbed, many at a time.
   */
  readonly callMs?: (call: string) => number;
  /** Whether the process dies at a call. Default: never. */
  readonly fateOf?: (call: MadeCall) => Fate;
  /** Whether a delivery fails for good, and so ends in the dead-letter queue. Default: never. */
  readonly isUndeliverable?: (event: LoggedEvent, functionName: string) => boolean;
  /** How many invocations run at once where calls are not interleaved. Default: 1. */
  readonly atOnce?: number;
}

/** What really happened, for the printed table. */
export interface Deliveries {
  delivered: number;
  duplicates: number;
}

/** Lambda waits a minute before the first retry, and two before the second. */
const RETRY_MS = 60_000;
const BEGIN = Date.parse('2026-03-01T12:00:00.000Z');
/** Several times what the storm takes. */
const MAX_STEPS = 500_000;
/** After so many a message goes to the queue's own dead-letter queue, for people to look at. */
const MAX_RECEIVES = 5;
const DEAD_LETTERS = 'splicebus-status-dev-undeliverableEvent';

/**
 * Lets time pass in a {@link World}: everything that is due is on one agenda and happens in its order, so that
 * the same options lead to the same run, call by call. Its clock is the one that the product reads.
 */
export class Simulation {
  readonly #world: World;
  readonly #options: SimulationOptions;
  readonly #agenda = new Agenda();
  readonly #sendToDestination: ReturnType<typeof createDestinations>;
  readonly #seen = new Set<string>();
  readonly #underWay = new Set<Invocation>();
  /** Every AWS call of every handler, in order. */
  readonly calls: MadeCall[] = [];
  readonly #undelivered: Undelivered[] = [];
  readonly deliveries: Deliveries = { delivered: 0, duplicates: 0 };
  /** How many processes have died. */
  deaths = 0;
  #now = BEGIN;
  #numbered = 0;

  constructor(world: World, options: SimulationOptions = {}) {
    this.#world = world;
    this.#options = options;
    this.#sendToDestination = createDestinations(() => world.services);
    world.deliverTo((delivery) => this.#deliver(delivery));
  }

  /** Does something once its time has come. */
  in(delayMs: number, action: () => Promise<unknown>): void {
    this.#agenda.add(this.#now + delayMs, async () => void (await action()));
  }

  /** Puts an event on the bus. */
  async put(source: string, detailType: string, detail: object): Promise<void> {
    const { eventbridge, busName } = this.#world;
    const event = { source, 'detail-type': detailType, detail: detail as Record<string, unknown> };
    await eventbridge.publish(busName, event);
    await eventbridge.idle();
  }

  /** Hands an event that is already known to all who want it once more, as a replay does. */
  async repeat(event: LoggedEvent): Promise<void> {
    const { source, 'detail-type': detailType, detail } = event;
    await this.put(source, detailType, detail);
  }

  /** Invokes a function as its schedule does. */
  async invoke(functionName: string, payload: object = {}): Promise<void> {
    await this.#attempt(this.#newDelivery(functionName, payload), 1);
  }

  /** Runs until nothing is left to happen. @returns what there is then */
  async run(): Promise<FinalState> {
    const { callMs, atOnce = 1 } = this.#options;
    let steps = 0;
    const onTime = (dueAt: number) => {
      if (++steps > MAX_STEPS) throw new Error('The world does not come to rest.');
      this.#now = Math.max(this.#now, dueAt);
      vi.setSystemTime(this.#now);
    };
    await this.#agenda.run(callMs ? 1 : atOnce, onTime);
    // Of calls made at the same time, one may have gone on while another was waited for.
    while (this.#underWay.size > 0) {
      await Promise.race([...this.#underWay].map((invocation) => invocation.stopped()));
      await this.#agenda.run(1, onTime);
    }
    return this.finalState();
  }

  async finalState(): Promise<FinalState> {
    const { events, before } = this.#world;
    return {
      ...(await this.#world.stored()),
      events: [...events],
      undelivered: this.#undelivered,
      before,
    };
  }

  #function(nameOrArn: string): WorldFunction {
    const found = this.#world.functions.find(
      ({ name, arn }) => name === nameOrArn || arn === nameOrArn,
    );
    if (!found) throw new Error(`There is no function ${nameOrArn}.`);
    return found;
  }

  #deliver({ targetArn, payload }: Delivery): void {
    if (!targetArn.includes(':lambda:')) return;
    const target = this.#function(targetArn);
    const event = payload as LoggedEvent;
    const { copies = () => 1, delayMs = () => 0, isUndeliverable } = this.#options;
    const count = copies(event, target.name);
    for (let copy = 0; copy < count; copy++) {
      if (copy === 0 && isUndeliverable?.(event, target.name)) {
        this.#undelivered.push({ functionName: target.name, event });
        const batch = deadLetterBatch(event, targetArn, this.#now);
        const letter = this.#newDelivery(DEAD_LETTERS, batch);
        this.in(delayMs(), () => this.#bury(letter, 1));
        continue;
      }
      const delivery = this.#newDelivery(targetArn, event);
      this.in(delayMs(), () => this.#first(delivery, event));
    }
  }

  #newDelivery(nameOrArn: string, payload: object): FunctionDelivery {
    const target = this.#function(nameOrArn);
    return { target, payload, requestId: randomUUID(), number: this.#numbered++ };
  }

  async #first(delivery: FunctionDelivery, event: LoggedEvent): Promise<void> {
    const key = `${delivery.target.name} ${event.detail.meta?.eventId ?? event.id}`;
    this.deliveries.delivered++;
    if (this.#seen.has(key)) this.deliveries.duplicates++;
    this.#seen.add(key);
    await this.#attempt(delivery, 1);
  }

  /** One attempt as Lambda makes it of a queued event, with what follows if it fails. */
  async #attempt(delivery: FunctionDelivery, attempt: number): Promise<void> {
    const { target, payload, requestId } = delivery;
    await this.#begin(delivery, attempt, async (error) => {
      if (error === undefined) return;
      if (attempt < target.maxAttempts) {
        this.in(attempt * RETRY_MS, () => this.#attempt(delivery, attempt + 1));
        return;
      }
      const { name, message } = error as Error;
      const record = invocationRecord({
        config: { functionArn: target.arn } as Parameters<typeof invocationRecord>[0]['config'],
        requestId,
        eventJson: JSON.stringify(payload),
        condition: 'RetriesExhausted',
        invokeCount: attempt,
        response: { error: { errorType: name, errorMessage: message } },
      });
      await this.#sendToDestination(target.onFailureArn, record);
      await this.#world.eventbridge.idle();
    });
  }

  /** As the queue's poller does: a message that was not processed comes back. */
  async #bury(delivery: FunctionDelivery, attempt: number): Promise<void> {
    await this.#begin(delivery, attempt, async (error, result) => {
      const failures = (result as { batchItemFailures?: unknown[] })?.batchItemFailures ?? [];
      if (error === undefined && failures.length === 0) return;
      if (attempt === MAX_RECEIVES) return;
      this.in(RETRY_MS, () => this.#bury(delivery, attempt + 1));
    });
  }

  /** Begins an invocation, and stays with it until it ends or waits for one of its calls. */
  async #begin(
    { target, payload, requestId, number }: FunctionDelivery,
    attempt: number,
    ended: (error: unknown, result: unknown) => Promise<void>,
  ): Promise<void> {
    const { fateOf = () => undefined, callMs } = this.#options;
    const eventName = (payload as Partial<LoggedEvent>)['detail-type'] ?? '';
    const name = { number, functionName: target.name, eventName, attempt };
    const invocation = new Invocation(name, {
      fateOf: (call) => {
        const fate = fateOf(call);
        if (fate) this.deaths++;
        return fate;
      },
      made: (call) => void this.calls.push(call),
      // The bus has taken in what was published before anything else happens.
      settle: () => this.#world.eventbridge.idle(),
      ...(callMs && {
        hold: (call, release, atLeastMs) => this.in(Math.max(atLeastMs, callMs(call)), release),
      }),
    });
    const input = JSON.parse(JSON.stringify(payload));
    const context = contextOf(target, requestId);
    const work = throughSeam(invocation.seam, () => target.handler(input, context)).then(
      (result) => ended(undefined, result),
      (error: unknown) => ended(error, undefined),
    );
    this.#underWay.add(invocation);
    invocation.endsWith(work.finally(() => this.#underWay.delete(invocation)));
    await (callMs ? invocation.stopped() : work);
  }
}

/** One copy of an event on its way to one function. */
interface FunctionDelivery {
  readonly target: WorldFunction;
  readonly payload: object;
  /** The same for all attempts. */
  readonly requestId: string;
  /** Place among all deliveries of a run. */
  readonly number: number;
}

const contextOf = ({ name, arn }: WorldFunction, awsRequestId: string): Context => ({
  awsRequestId,
  functionName: name,
  functionVersion: '$LATEST',
  invokedFunctionArn: arn,
  memoryLimitInMB: '3008',
  logGroupName: `/aws/lambda/${name}`,
  logStreamName: 'faults',
  callbackWaitsForEmptyEventLoop: true,
  getRemainingTimeInMillis: () => 900_000,
  done: () => {},
  fail: () => {},
  succeed: () => {},
});
