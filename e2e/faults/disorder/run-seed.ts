import { vi } from 'vitest';
import { BeginClipGeneration } from '#shared/events/begin-clip-generation';
import { CancelClipGeneration } from '#shared/events/cancel-clip-generation';
import { UPSTREAM_SOURCE } from '#shared/events/define-event';
import { seededRandom } from '../../duplicates-and-reordering/slow-bus.ts';
import { checkGuarantees } from '../checker/check-guarantees.ts';
import type { Violation } from '../checker/violation.ts';
import { type Deliveries, Simulation } from '../world/simulation.ts';
import { EPISODE_ID, TENANT_ID, type World } from '../world/world.ts';
import { drawScenario, type Scenario } from './scenario.ts';

const SWEEP = 'splicebus-status-dev-overdueExecutions';

export interface SeedResult {
  readonly seed: number;
  readonly scenario: Scenario;
  readonly violations: readonly Violation[];
  readonly deliveries: Deliveries;
  readonly crashes: number;
  /** Every call in its order: the same for every run of a seed. */
  readonly trace: readonly string[];
}

/** Runs what a seed stands for, from an empty table to rest. */
export async function runSeed(world: World, seed: number): Promise<SeedResult> {
  await world.reset();
  const random = seededRandom(seed);
  // The product's own jitter, too.
  vi.spyOn(Math, 'random').mockImplementation(seededRandom(-seed));
  const scenario = drawScenario(random);
  const simulation = new Simulation(world, scenario.faults);
  const ids = { tenantId: TENANT_ID, episodeId: EPISODE_ID };
  for (const [n, atMs] of scenario.requestedAtMs.entries()) {
    const request = { ...ids, requestId: `${seed}-${n}`, clips: scenario.clips };
    const { source, detailType } = BeginClipGeneration;
    simulation.in(atMs, () => simulation.put(source, detailType, request));
  }
  if (scenario.cancelledAtMs !== undefined) {
    const { source, detailType } = CancelClipGeneration;
    const request = { ...ids, clipId: 'one' };
    simulation.in(scenario.cancelledAtMs, () => simulation.put(source, detailType, request));
  }
  if (scenario.sweptAtMs !== undefined) {
    simulation.in(scenario.sweptAtMs, () => simulation.invoke(SWEEP));
  }
  let state = await simulation.run();
  if (scenario.isReplayed) {
    const own = world.events.filter(({ source }) => source.startsWith(`${UPSTREAM_SOURCE}.`));
    for (const event of [...own]) simulation.in(0, () => simulation.repeat(event));
    state = await simulation.run();
  }
  return {
    seed,
    scenario,
    violations: checkGuarantees(state),
    deliveries: simulation.deliveries,
    crashes: simulation.deaths,
    trace: simulation.calls.map(
      ({ number, functionName, eventName, attempt, call }) =>
        `${number}.${attempt} ${functionName} ${eventName} ${call}`,
    ),
  };
}
