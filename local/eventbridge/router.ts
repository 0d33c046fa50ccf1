import type { Archives } from './archive/archives.ts';
import type { Deliveries } from './delivery/deliveries.ts';
import { type BusEvent, toEventTime } from './event.ts';
import { compilePattern, type EventPattern } from './pattern/compile.ts';
import { matchesPattern } from './pattern/match.ts';
import type { Bus, Rule } from './state/records.ts';
import type { Registry } from './state/registry.ts';

export interface RouterOptions {
  readonly registry: Registry;
  readonly archives: Archives;
  readonly deliveries: Deliveries;
  /** Sees every event that is put on a bus, replayed ones too. */
  readonly onEvent: (busName: string, event: BusEvent) => void;
}

/** How an event came. */
export interface Arrival {
  readonly traceHeader?: string | undefined;
  /** The only rules that may see the event; empty or absent means all of the bus. */
  readonly ruleArns?: readonly string[];
}

/** Brings an event on a bus to the targets of the rules that match it. */
export class EventRouter {
  readonly #options: RouterOptions;
  readonly #patterns = new WeakMap<Rule, EventPattern>();

  constructor(options: RouterOptions) {
    this.#options = options;
  }

  /** Takes an event: resolves when it is archived and its deliveries are under way. */
  async accept(bus: Bus, event: BusEvent, arrival: Arrival = {}): Promise<void> {
    await this.#options.archives.record(bus.arn, event);
    void this.dispatch(bus, event, arrival);
  }

  /** Starts the deliveries of an event that needs no archiving; resolves after the first attempt of each. */
  async dispatch(
    bus: Bus,
    event: BusEvent,
    { traceHeader, ruleArns = [] }: Arrival,
  ): Promise<void> {
    this.#options.onEvent(bus.name, event);
    const rules = this.#options.registry
      .rulesOf(bus.name)
      .filter((rule) => ruleArns.length === 0 || ruleArns.includes(rule.arn))
      .filter((rule) => this.#matches(rule, event));
    await Promise.all(rules.map((rule) => this.deliverTo(rule, event, traceHeader)));
  }

  /** Hands an event to all targets of a rule without asking its pattern. */
  async deliverTo(rule: Rule, event: BusEvent, traceHeader?: string): Promise<void> {
    const ingestionTime = toEventTime(new Date());
    const context = { event, ruleArn: rule.arn, ruleName: rule.name, ingestionTime };
    await Promise.all(
      rule.targets.map((target) =>
        this.#options.deliveries.start({ target, context, traceHeader }),
      ),
    );
  }

  #matches(rule: Rule, event: BusEvent): boolean {
    if (rule.state === 'DISABLED' || rule.eventPattern === undefined) return false;
    const pattern = this.#patterns.get(rule) ?? compilePattern(rule.eventPattern);
    this.#patterns.set(rule, pattern);
    return matchesPattern(pattern, event);
  }
}
