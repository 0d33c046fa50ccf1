import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ClipStitched } from '#shared/events/clip-stitched';
import { ExecutionFinished } from '#shared/events/execution-finished';
import { tableKeys } from '#shared/keys';
import { seededRandom, shuffled } from '../../duplicates-and-reordering/slow-bus.ts';
import { checkGuarantees } from '../checker/check-guarantees.ts';
import type { LoggedEvent } from '../checker/final-state.ts';
import { PATIENT, report } from '../report.ts';
import '../world/fast-world.ts';
import { Simulation } from '../world/simulation.ts';
import { startWorld, type World } from '../world/world.ts';
import { finalRecords, HISTORIES, readHistory } from './histories.ts';

vi.setConfig(PATIENT);

let world: World;
beforeAll(async () => {
  world = await startWorld({ sample: { audio: false }, isFast: true });
});
afterAll(async () => {
  vi.useRealTimers();
  await world?.stop();
});

const PROJECTION = 'splicebus-status-dev-clipEvent';
const ENDS: readonly string[] = [ClipStitched.detailType, ExecutionFinished.detailType];
/** The trigger notes what has begun before anything is published about it. */
async function noteBegun(own: readonly LoggedEvent[]): Promise<void> {
  for (const { detail } of own) {
    const { executionId, executionStartedAt: startedAt, tenantId, episodeId } = detail;
    const begun = { tenantId, episodeId, startedAt, correlationId: executionId };
    await world.clients.put({ ...tableKeys.begun(executionId!), ...begun });
  }
}

const isOurs = ({ source }: LoggedEvent) => source.startsWith('nullcheck.clips.');

describe.each(HISTORIES)('the recorded history "%s"', (name) => {
  const { events, records } = readHistory(name);

  it.each([0, 1, 2])('gives the same records today, in any order: seed %i', async (seed) => {
    await world.reset();
    const simulation = new Simulation(world, { copies: () => 0 });
    const own = events.filter(isOurs);
    await noteBegun(own);
    for (const event of seed === 0 ? own : shuffled([...own, ...own], seededRandom(seed))) {
      simulation.in(0, () => simulation.invoke(PROJECTION, event));
    }
    const state = await simulation.run();
    expect(finalRecords(state)).toEqual(records);
    expect(state.events.filter(({ source }) => source === 'lambda')).toEqual([]);
  });

  it('is read by every function that it concerns, and leads to a sound end', async () => {
    const startedAt = performance.now();
    await world.reset();
    const simulation = new Simulation(world);
    await noteBegun(events.filter(isOurs));
    // How it ends is today's to say: the recorded segments' files are not there any more.
    const asked = events.filter((event) => !ENDS.includes(event['detail-type']));
    for (const event of asked) simulation.in(0, () => simulation.repeat(event));
    const state = await simulation.run();
    const violations = checkGuarantees(state);
    report({
      what: `recorded history: ${name}`,
      media: 'pre-cut files',
      tried: asked.length,
      ...simulation.deliveries,
      violations: violations.length,
      startedAt,
    });
    expect(violations).toEqual([]);
    expect(state.events.filter(({ source }) => source === 'lambda')).toEqual([]);
  });
});
