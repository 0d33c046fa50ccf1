import '../world/fast-world.ts';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { BeginClipGeneration } from '#shared/events/begin-clip-generation';
import { CancelClipGeneration } from '#shared/events/cancel-clip-generation';
import { executionIdOf } from '#shared/events/identity';
import { tableKeys } from '#shared/keys';
import { seededRandom } from '../../duplicates-and-reordering/slow-bus.ts';
import { checkGuarantees } from '../checker/check-guarantees.ts';
import { type Counts, isFull, isOutOfTime, PATIENT, report } from '../report.ts';
import { Simulation } from '../world/simulation.ts';
import { EPISODE_ID, startWorld, TENANT_ID, type World } from '../world/world.ts';

vi.setConfig(PATIENT);

const SEEDS = isFull ? 1_000 : 60;
const SEGMENTS = [
  { startTime: 0, endTime: 1 },
  { startTime: 2, endTime: 3 },
];

let world: World;
beforeAll(async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  world = await startWorld({ sample: { audio: false }, isFast: true });
});
afterAll(async () => {
  vi.useRealTimers();
  await world?.stop();
});

/**
 * Publishes a request and its cancellation within the same second, in either order. No segment is cut in time, so that
 * nothing but the cancellation can end the clip.
 */
async function runSeed(seed: number) {
  await world.reset();
  const random = seededRandom(seed);
  vi.spyOn(Math, 'random').mockImplementation(seededRandom(-seed));
  const upTo = (most: number) => Math.floor(random() * most);
  const simulation = new Simulation(world, {
    copies: (_event, name) => (name.endsWith('-segmentRequested') ? 0 : 1 + upTo(3)),
    delayMs: () => (random() < 0.2 ? upTo(60_000) : upTo(40)),
    callMs: () => 1 + upTo(random() < 0.1 ? 800 : 10),
  });
  const ids = { tenantId: TENANT_ID, episodeId: EPISODE_ID };
  const request = {
    ...ids,
    requestId: String(seed),
    clips: [{ clipId: 'one', segments: SEGMENTS }],
  };
  const executionId = executionIdOf({ id: '', detail: request });
  const cancellation = { ...ids, clipId: 'one', ...(random() < 0.5 && { executionId }) };
  simulation.in(upTo(40), () =>
    simulation.put(BeginClipGeneration.source, BeginClipGeneration.detailType, request),
  );
  simulation.in(upTo(40), () =>
    simulation.put(CancelClipGeneration.source, CancelClipGeneration.detailType, cancellation),
  );
  const state = await simulation.run();
  const { pk, sk } = tableKeys.clip({ ...ids, clipId: 'one' });
  const record = state.items.find((item) => item.pk === pk && item.sk === sk);
  return { record, violations: checkGuarantees(state), deliveries: simulation.deliveries };
}

it('a cancellation holds, whether it or its request arrives first', async () => {
  const startedAt = performance.now();
  const row: Counts = { tried: 0, delivered: 0, duplicates: 0, violations: 0 };
  const failures: string[] = [];
  for (let seed = 1; seed <= SEEDS; seed++) {
    if (isOutOfTime(startedAt)) {
      row.of = SEEDS;
      break;
    }
    const { record, violations, deliveries } = await runSeed(seed);
    row.tried++;
    row.delivered += deliveries.delivered;
    row.duplicates += deliveries.duplicates;
    const isLost = record?.status !== 'Cancelled';
    row.violations += violations.length + (isLost ? 1 : 0);
    if (isLost) failures.push(`seed ${seed}: the clip is ${record?.status}`);
    for (const { detail } of violations) failures.push(`seed ${seed}: ${detail}`);
  }
  report({ what: 'cancellations before or after', media: 'pre-cut files', ...row, startedAt });
  expect(failures.join('\n')).toBe('');
});
