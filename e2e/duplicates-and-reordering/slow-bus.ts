import type { PackagedService } from '#local/packaging/package-services';
import { editTemplates } from '../harness/edit-templates.ts';
import type { SeenEvent } from '../harness/event-log.ts';
import type { Splicebus } from '../harness/splicebus.ts';

/** What a rule must find in the `resources` of an event to see it. */
const CARRIED = 'carried-by-the-slow-bus';

/**
 * Makes every rule of the bus wait for the {@link SlowBus}: services publish as ever, but nobody
 * hears of an event until the slow bus has carried it.
 */
export function onlyWhatIsCarried(packages: readonly PackagedService[], folder: string) {
  return editTemplates(packages, folder, ({ Type, Properties }) => {
    const pattern = Properties.EventPattern as { source?: unknown[] } | undefined;
    if (Type !== 'AWS::Events::Rule' || !JSON.stringify(pattern ?? {}).includes('nullcheck')) {
      return;
    }
    Properties.EventPattern = { ...pattern, resources: [CARRIED] };
  });
}

export interface SlowBusOptions {
  /** The same seed makes the same decisions for the same events. */
  readonly seed: number;
  /** An event arrives this late, at most. */
  readonly maxDelayMs: number;
}

/** Delivers every event two or three times, each copy late by chance, as EventBridge may at worst. */
export class SlowBus {
  readonly #random: () => number;
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #stopListening: () => void;
  /** The copies in the order they arrived. */
  readonly arrivals: SeenEvent[] = [];

  constructor(
    private readonly splicebus: Splicebus,
    private readonly options: SlowBusOptions,
  ) {
    this.#random = seededRandom(options.seed);
    this.#stopListening = splicebus.events.listen((event) => {
      const isOurs = event.bus === splicebus.stack.busName;
      if (isOurs && !event.resources.includes(CARRIED)) this.#take(event);
    });
  }

  /** Puts a copy on the bus, now: same id, same time, same detail. */
  async carry(event: SeenEvent): Promise<void> {
    const { bus, ...original } = event;
    this.arrivals.push(event);
    await this.splicebus.stack.eventbridge.publish(bus, { ...original, resources: [CARRIED] });
  }

  /** Resolves when every copy has arrived and all that followed from it has, too. */
  async idle(): Promise<void> {
    do {
      await Promise.all(this.#underWay);
      await this.splicebus.stack.idle();
    } while (this.#underWay.size > 0);
  }

  /** Carries nothing more by itself. */
  stop(): void {
    this.#stopListening();
  }

  #take(event: SeenEvent): void {
    const copies = this.#random() < 0.5 ? 2 : 3;
    for (let copy = 0; copy < copies; copy++) {
      const delayMs = this.#random() * this.options.maxDelayMs;
      const arrival = new Promise((resolve) => setTimeout(resolve, delayMs))
        .then(() => this.carry(event))
        .finally(() => this.#underWay.delete(arrival));
      this.#underWay.add(arrival);
    }
  }
}

/** Mulberry32: small, and the same everywhere. */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Fisher–Yates. */
export function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  const result = [...items];
  for (let last = result.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [result[last], result[other]] = [result[other]!, result[last]!];
  }
  return result;
}
