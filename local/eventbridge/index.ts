import { join } from 'node:path';
import type * as z from 'zod';
import { jsonService } from '#local/gateway/json-service';
import type { AwsService } from '#local/gateway/service';
import { archiveOperations } from './api/archives.ts';
import { busOperations } from './api/buses.ts';
import { type Operation, parse, type Services, toJsonOperations } from './api/operation.ts';
import { putEventsOperation } from './api/put-events.ts';
import { replayOperations } from './api/replays.ts';
import { ruleOperations } from './api/rules.ts';
import { targetOperations } from './api/targets.ts';
import { testEventPatternOperation } from './api/test-event-pattern.ts';
import { Archives } from './archive/archives.ts';
import { Replays } from './archive/replays.ts';
import { arnsOf, nameOf } from './arn.ts';
import type { Deliver } from './delivery/deliver.ts';
import { Deliveries, type DeliveryOutcome } from './delivery/deliveries.ts';
import { type BusEvent, type NewEvent, toBusEvent } from './event.ts';
import { EventRouter } from './router.ts';
import { Schedules } from './schedules.ts';
import { Registry } from './state/registry.ts';

export { type Deliver, type Delivery, DeliveryError } from './delivery/deliver.ts';
export type { DeliveryOutcome } from './delivery/deliveries.ts';
export type { BusEvent, NewEvent } from './event.ts';

export interface EventBridgeOptions {
  /** Where archives, replays and what was made through the API are kept. One stack at a time. */
  readonly stateDir: string;
  readonly accountId: string;
  readonly region: string;
  readonly deliver: Deliver;
  /** Multiplies the times of all retry policies; below 1 in tests. Default 1. */
  readonly retryScale?: number;
  /** Sees every event that is put on a bus, replayed ones too. */
  readonly onEvent?: (busName: string, event: BusEvent) => void;
  /** Sees what becomes of every delivery. By default those dropped are logged. */
  readonly onDelivery?: (outcome: DeliveryOutcome) => void;
}

/**
 * The EventBridge of the embedded stack: buses, rules, targets, archives and replays behind the AWS API.
 *
 * What is made through the methods below comes from templates: it may exist already, and is forgotten at the end
 * of the process, since the next boot makes it again. What is made through the API is kept.
 *
 * Stricter than AWS on purpose: an event for a bus that does not exist is refused (AWS loses it), as are target
 * parameters the stack would ignore and `cron()` schedules. Replays are in order of time; AWS promises less.
 */
export interface EventBridge extends AwsService {
  /**
   * Puts an event on a bus, given by name or ARN, from within the stack; sources that begin with `aws.` are allowed.
   * @returns the event's id, once the event is archived and its deliveries are under way
   * @throws AwsError `ResourceNotFoundException` if there is no such bus
   */
  publish(bus: string, event: NewEvent, traceHeader?: string): Promise<string>;
  createEventBus: FromTemplate<ReturnType<typeof busOperations>['CreateEventBus']>;
  putRule: FromTemplate<ReturnType<typeof ruleOperations>['PutRule']>;
  putTargets: FromTemplate<ReturnType<typeof targetOperations>['PutTargets']>;
  createArchive: FromTemplate<ReturnType<typeof archiveOperations>['CreateArchive']>;
  /** Resolves when no replay and no delivery is under way, not even a retry that waits for its time. */
  idle(): Promise<void>;
  /** Stops schedules, replays and retries. Deliveries that wait for a retry are lost. */
  close(): Promise<void>;
}

/** An operation as a method: takes the API's input, gives its output, throws its AwsErrors. */
type FromTemplate<Op> =
  Op extends Operation<infer Input, infer Output>
    ? (input: z.input<Input>) => Promise<Output>
    : never;

/** Starts an EventBridge on what an earlier one left in the state directory. */
export function createEventBridge(options: EventBridgeOptions): EventBridge {
  const home = { accountId: options.accountId, region: options.region };
  const arns = arnsOf(home);
  const registry = new Registry(join(options.stateDir, 'eventbridge.json'), arns);
  const archives = new Archives(join(options.stateDir, 'archives'), registry);
  const deliveries = new Deliveries({
    deliver: options.deliver,
    retryScale: options.retryScale ?? 1,
    onOutcome: options.onDelivery ?? logDropped,
  });
  const router = new EventRouter({
    registry,
    archives,
    deliveries,
    onEvent: options.onEvent ?? (() => {}),
  });
  const replays = new Replays({ registry, archives, router });
  const schedules = new Schedules();

  const services: Services = { home, arns, registry, router, archives, replays, schedules };
  const operations = {
    ...busOperations(services),
    ...ruleOperations(services),
    ...targetOperations(services),
    ...archiveOperations(services),
    ...replayOperations(services),
    ...putEventsOperation(services),
    ...testEventPatternOperation,
  };

  return {
    ...jsonService(toJsonOperations(operations)),
    createEventBus: fromTemplate(operations.CreateEventBus),
    putRule: fromTemplate(operations.PutRule),
    putTargets: fromTemplate(operations.PutTargets),
    createArchive: fromTemplate(operations.CreateArchive),
    async publish(bus, event, traceHeader) {
      const complete = toBusEvent(event, home);
      await router.accept(registry.bus(nameOf(bus)), complete, { traceHeader });
      return complete.id;
    },
    async idle() {
      await replays.idle();
      await deliveries.idle();
    },
    async close() {
      schedules.close();
      deliveries.close();
      await replays.close();
    },
  };
}

function fromTemplate<Input extends z.ZodType, Output extends object>(
  operation: Operation<Input, Output>,
): (input: z.input<Input>) => Promise<Output> {
  return async (input) => operation.run(parse(operation.input, input), { fromTemplate: true });
}

function logDropped(outcome: DeliveryOutcome): void {
  if (outcome.kind !== 'dropped') return;
  const { event, ruleArn, targetArn, error, retries } = outcome;
  console.error(
    `Dropped event ${event.id} (${event['detail-type']}) of ${ruleArn} for ${targetArn} ` +
      `after ${retries} retries: ${error.code}: ${error.message}`,
  );
}
