import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { BeginClipGeneration } from '#shared/events/begin-clip-generation';
import { ClipStitched } from '#shared/events/clip-stitched';
import { SegmentExtracted } from '#shared/events/segment-extracted';
import type { ExecutionRecord } from '../../../services/status/src/execution-store.ts';
import { seededRandom } from '../../duplicates-and-reordering/slow-bus.ts';
import { checkGuarantees } from '../checker/check-guarantees.ts';
import { describeViolation } from '../checker/violation.ts';
import { isFull, PATIENT, report } from '../report.ts';
import '../world/fast-world.ts';
import { Simulation } from '../world/simulation.ts';
import { EPISODE_ID, startWorld, TENANT_ID, type World } from '../world/world.ts';

const CLIPS = isFull ? 1_000 : 16;
const CLIPS_PER_REQUEST = isFull ? 100 : 8;
const MAX_SEGMENTS = 8;
/** The log of all events is part of it: some 3 KB for each. */
const MAX_HEAP_BYTES = 700 * 1024 * 1024;

vi.setConfig(PATIENT);

let world: World;
beforeAll(async () => {
  world = await startWorld({ sample: { audio: false }, isFast: true });
});
afterAll(async () => {
  vi.useRealTimers();
  await world?.stop();
});

it(`loses nothing and counts nothing twice: ${CLIPS} clips at once`, async () => {
  const startedAt = performance.now();
  const random = seededRandom(CLIPS);
  const upTo = (max: number) => Math.floor(random() * max);
  const clips = Array.from({ length: CLIPS }, (_, n) => ({
    clipId: `clip-${n}`,
    segments: Array.from({ length: 1 + (n % MAX_SEGMENTS) }, (_, index) => ({
      startTime: (index % 3) + 0.5,
      endTime: (index % 3) + 1.5,
    })),
  }));
  const simulation = new Simulation(world, {
    // Every other event comes twice, be it published for the first time or again.
    copies: () => 1 + upTo(2),
    delayMs: () => upTo(20_000),
    atOnce: 8,
  });
  for (let from = 0; from < CLIPS; from += CLIPS_PER_REQUEST) {
    const { source, detailType } = BeginClipGeneration;
    const request = {
      tenantId: TENANT_ID,
      episodeId: EPISODE_ID,
      requestId: `storm-${from}`,
      clips: clips.slice(from, from + CLIPS_PER_REQUEST),
    };
    simulation.in(0, () => simulation.put(source, detailType, request));
  }
  let peakBytes = 0;
  const watch = setInterval(() => {
    peakBytes = Math.max(peakBytes, process.memoryUsage().heapUsed);
  }, 100);
  const state = await simulation.run();
  clearInterval(watch);
  const violations = checkGuarantees(state);
  report({
    what: `storm: clips at once`,
    media: 'pre-cut files',
    tried: CLIPS,
    ...simulation.deliveries,
    violations: violations.length,
    startedAt,
    note: `bucket in memory; heap at most ${Math.round(peakBytes / 1024 ** 2)} MB`,
  });

  expect(violations.map(describeViolation)).toEqual([]);
  const distinct = (detailType: string) =>
    new Set(
      state.events
        .filter((event) => event['detail-type'] === detailType)
        .map(({ detail }) => detail.meta!.eventId),
    ).size;
  expect(distinct(SegmentExtracted.detailType)).toBe(clips.flatMap((clip) => clip.segments).length);
  expect(distinct(ClipStitched.detailType)).toBe(CLIPS);
  const executions = state.items.filter(
    ({ pk, sk }) => pk.startsWith('processing#') && sk === 'state',
  ) as unknown as ExecutionRecord[];
  expect(executions).toHaveLength(CLIPS / CLIPS_PER_REQUEST);
  for (const execution of executions) {
    expect(execution).toMatchObject({
      status: 'completed',
      totalClips: CLIPS_PER_REQUEST,
      processedClips: CLIPS_PER_REQUEST,
      failedClips: 0,
      cancelledClips: 0,
    });
  }
  const finished = state.objects.filter(({ key }) => key.endsWith('/clip.mp4'));
  expect(finished).toHaveLength(CLIPS);
  expect(peakBytes).toBeLessThan(MAX_HEAP_BYTES);
});
