import { checkGuarantees } from '../checker/check-guarantees.ts';
import type { Violation } from '../checker/violation.ts';
import type { Fate, MadeCall } from '../world/invocation.ts';
import { type Deliveries, Simulation } from '../world/simulation.ts';
import type { World } from '../world/world.ts';
import { SCENARIOS, type Scenario } from './scenarios.ts';

/** A call at which a process may die. */
export interface CrashPoint {
  readonly scenario: Scenario;
  readonly call: MadeCall;
  /** As in `splicebus-stitcher-dev-segmentExtracted SegmentExtracted 2: EventBridge PutEvents`. */
  readonly name: string;
}

/** A process dies that often at the same call: once, or in all attempts that Lambda makes. */
export type Deaths = 1 | 3;

export interface CrashResult {
  readonly violations: readonly Violation[];
  readonly deliveries: Deliveries;
  /** Whether the process died as it should; it must. */
  readonly hasDied: boolean;
}

/**
 * Finds every call of every handler by recording each scenario once: a call that is added tomorrow is
 * tried tomorrow. What two invocations have begun in the same way is tried once.
 */
export async function findCrashPoints(world: World): Promise<CrashPoint[]> {
  const points = new Map<string, CrashPoint>();
  for (const scenario of SCENARIOS) {
    const { calls } = await play(world, scenario);
    for (const call of calls) {
      const before = calls
        .filter(({ number, attempt }) => number === call.number && attempt === call.attempt)
        .slice(0, call.place + 1)
        .map((one) => one.call);
      const { functionName, eventName, place } = call;
      const way = [functionName, eventName, ...before].join(' ');
      const name = `${functionName} ${eventName} ${place}: ${call.call}`;
      if (!points.has(way)) points.set(way, { scenario, call, name });
    }
  }
  return [...points.values()];
}

/** Plays a scenario in which everything is made, and forgets it. */
export async function warmUp(world: World): Promise<void> {
  await play(world, SCENARIOS[0]!);
}

/** Plays the scenario of a crash point once more; this time the process dies. */
export async function crashAt(
  world: World,
  { scenario, call }: CrashPoint,
  fate: Exclude<Fate, undefined>,
  deaths: Deaths,
): Promise<CrashResult> {
  const simulation = await play(world, scenario, (made) => {
    const isIt = made.number === call.number && made.place === call.place;
    return isIt && made.attempt <= deaths ? fate : undefined;
  });
  return {
    violations: checkGuarantees(await simulation.finalState()),
    deliveries: simulation.deliveries,
    hasDied: simulation.deaths > 0,
  };
}

async function play(
  world: World,
  { faults, begin }: Scenario,
  fateOf?: (call: MadeCall) => Fate,
): Promise<Simulation> {
  await world.reset();
  const simulation = new Simulation(world, { ...faults, ...(fateOf && { fateOf }) });
  await begin(simulation, world);
  await simulation.run();
  return simulation;
}
