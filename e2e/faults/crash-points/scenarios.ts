import { PutObjectCommand } from '@aws-sdk/client-s3';
import { BeginClipGeneration } from '#shared/events/begin-clip-generation';
import { CancelClipGeneration } from '#shared/events/cancel-clip-generation';
import { tableKeys } from '#shared/keys';
import type { Simulation, SimulationOptions } from '../world/simulation.ts';
import { EPISODE_ID, TENANT_ID, type World } from '../world/world.ts';

/** A course of events in which some handlers do all they can do. Without a death it is always the same. */
export interface Scenario {
  readonly name: string;
  readonly faults?: Omit<SimulationOptions, 'fateOf'>;
  begin(simulation: Simulation, world: World): Promise<void>;
}

const IDS = { tenantId: TENANT_ID, episodeId: EPISODE_ID };
const SEGMENTS = [
  { startTime: 0.5, endTime: 1.5 },
  { startTime: 2, endTime: 3 },
];
const OUTSIDE = { startTime: 500, endTime: 501 };
const HOURS = 3_600_000;

const request = (simulation: Simulation, requestId: string, clips?: unknown) => {
  const { source, detailType } = BeginClipGeneration;
  return simulation.put(source, detailType, { ...IDS, requestId, ...(clips ? { clips } : {}) });
};

const isFor = (functionName: string, suffix: string) => functionName.endsWith(`-${suffix}`);

/** Between them, every function is invoked with every event that it does something about. */
export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'a recommendations file is uploaded',
    async begin(_simulation, { clients: { s3, bucketName: Bucket } }) {
      const Key = `${EPISODE_ID}/recommendations/new.json`;
      // Of the tiny episode, the rendition is left out.
      const clips = [{ clipId: 'one', segments: SEGMENTS, renditions: ['720p'] }];
      const Body = JSON.stringify({ tenantId: TENANT_ID, clips });
      await s3.send(new PutObjectCommand({ Bucket, Key, Body }));
    },
  },
  {
    name: 'detected clips are made',
    async begin(simulation, { clients }) {
      const detected = { ...IDS, clipId: 'one', status: 'detected', segments: [SEGMENTS[0]] };
      await clients.put({ ...tableKeys.clip(detected), ...detected });
      await request(simulation, 'detected');
    },
  },
  {
    name: 'a segment fails, a clip is rejected, another has no usable id',
    begin: (simulation) =>
      request(simulation, 'failing', [
        { clipId: 'one', segments: [SEGMENTS[0], OUTSIDE] },
        { clipId: 'two', segments: [{ startTime: 2, endTime: 1 }] },
        { clipId: 'no/id', segments: SEGMENTS },
      ]),
  },
  {
    name: 'a request is refused as a whole',
    begin: (simulation) => request(simulation, 'refused', []),
  },
  {
    name: 'a clip is cancelled',
    // Otherwise it would be made before anybody could cancel it.
    faults: { delayMs: () => 1_000 },
    async begin(simulation) {
      await request(simulation, 'cancelled', [{ clipId: 'one', segments: SEGMENTS }]);
      const { source, detailType } = CancelClipGeneration;
      simulation.in(1_500, () => simulation.put(source, detailType, { ...IDS, clipId: 'one' }));
    },
  },
  {
    name: 'a clip is cancelled before its request has begun',
    async begin(simulation) {
      const { source, detailType } = CancelClipGeneration;
      await simulation.put(source, detailType, { ...IDS, clipId: 'one' });
      await request(simulation, 'overtaken', [{ clipId: 'one', segments: SEGMENTS }]);
    },
  },
  {
    name: 'a clip is made again',
    async begin(simulation) {
      const clips = [{ clipId: 'one', segments: [SEGMENTS[0]] }];
      await request(simulation, 'first', clips);
      simulation.in(1 * HOURS, () => request(simulation, 'second', clips));
    },
  },
  {
    name: 'events are lost, and the deadline passes',
    faults: { copies: (_event, name) => (isFor(name, 'segmentRequested') ? 0 : 1) },
    async begin(simulation) {
      await request(simulation, 'lost', [{ clipId: 'one', segments: SEGMENTS }]);
      const sweep = () => simulation.invoke('splicebus-status-dev-overdueExecutions');
      simulation.in(3 * HOURS, sweep);
      // What it was kept from is done by the next one.
      simulation.in(4 * HOURS, sweep);
    },
  },
  {
    name: 'an event cannot be delivered',
    faults: { isUndeliverable: (_event, name) => isFor(name, 'stitchRequested') },
    begin: (simulation) => request(simulation, 'dead', [{ clipId: 'one', segments: SEGMENTS }]),
  },
];
