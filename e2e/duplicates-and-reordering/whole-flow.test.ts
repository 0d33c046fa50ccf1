import { statSync } from 'node:fs';
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ClipRecord } from '#shared/clip/clip-record';
import type { ExecutionRecord } from '../../services/status/src/execution-store.ts';
import { isAboutDerived } from '../faults/checker/about-derived.ts';
import type { SeenEvent } from '../harness/event-log.ts';
import { type Splicebus, startSplicebus, TENANT_ID } from '../harness/splicebus.ts';
import { onlyWhatIsCarried, SlowBus, seededRandom, shuffled } from './slow-bus.ts';

const SEED = 20_260_301;
const MAX_DELAY_MS = 2_000;

const CLIP = {
  clipId: 'three',
  segments: [
    { startTime: 1, endTime: 2 },
    { startTime: 8, endTime: 9 },
    { startTime: 15, endTime: 16.5 },
  ],
};
const ASKED = CLIP.segments.map(({ startTime, endTime }) => ({
  startMs: startTime * 1000,
  endMs: endTime * 1000,
}));

/** What came of a request, as far as two runs of it must agree. */
interface Outcome {
  readonly record: Omit<ClipRecord, 'statusHistory'>;
  readonly history: ClipRecord['statusHistory'];
  readonly execution: ExecutionRecord;
  readonly keys: string[];
}

let splicebus: Splicebus;
let slowBus: SlowBus;
/** A run on a bus that neither repeats nor reorders. */
let clean: Outcome;
let stormy: Outcome;
let stormId: string;
let firstFile: { ETag?: string; LastModified?: Date; mtimeMs: number };

beforeAll(async () => {
  const quiet = await startSplicebus();
  await quiet.ingest('plain');
  clean = await outcomeOf(quiet, await quiet.makeClips('plain', [CLIP]));
  await quiet.stop();

  splicebus = await startSplicebus({ edit: onlyWhatIsCarried });
  await splicebus.ingest('plain');
  slowBus = new SlowBus(splicebus, { seed: SEED, maxDelayMs: MAX_DELAY_MS });
  const stitched = splicebus.events.first((event) => event['detail-type'] === 'ClipStitched');
  stormId = await splicebus.begin({ tenantId: TENANT_ID, episodeId: 'plain', clips: [CLIP] });
  await stitched;
  firstFile = await file();
  await splicebus.finished(stormId);
  await slowBus.idle();
  slowBus.stop();
  stormy = await outcomeOf(splicebus, stormId);
});
afterAll(() => splicebus?.stop());

async function outcomeOf(world: Splicebus, executionId: string): Promise<Outcome> {
  const { statusHistory, ...record } = (await world.clip('plain', 'three'))!;
  return {
    record,
    history: statusHistory,
    execution: (await world.execution(executionId))!,
    keys: await world.keys('plain/clips/'),
  };
}

async function file() {
  const { ETag, LastModified } = await splicebus.clients.s3.send(
    new HeadObjectCommand({
      Bucket: splicebus.stack.bucketName,
      Key: 'plain/clips/three/clip.mp4',
    }),
  );
  const { mtimeMs } = statSync(splicebus.clipPath('plain', 'three'));
  return { ETag, LastModified, mtimeMs };
}

const published = () =>
  splicebus.events.ofExecution(stormId).filter((event) => event.resources.length === 0);

it('really had its events repeated, and out of order', () => {
  const idOf = ({ id, detail }: SeenEvent) => detail.meta?.eventId ?? id;
  const order = slowBus.arrivals.map(idOf);
  expect(order.length).toBeGreaterThanOrEqual(2 * new Set(order).size);
  const overtaken = slowBus.arrivals.filter(({ detail }, place) => {
    const cause = detail.meta?.causationId ?? '';
    return order.lastIndexOf(cause) > place;
  });
  expect(overtaken.length).toBeGreaterThan(0);
});

it('makes the same clip, once', async () => {
  expect(await splicebus.judge('plain', 'three', ASKED)).toMatchObject({ exact: true, faults: [] });
  expect(stormy.keys).toEqual(splicebus.finishedKeys('plain', 'three', stormId));
  expect(await file()).toEqual(firstFile);
  const stitched = published().filter((event) => event['detail-type'] === 'ClipStitched');
  expect(new Set(stitched.map(({ detail }) => JSON.stringify(detail))).size).toBe(1);
});

it('ends with the same record', () => {
  const comparable = ({ record }: Outcome) => ({
    ...(JSON.parse(JSON.stringify(record).replaceAll(record.executionId, '…')) as typeof record),
    executionStartedAt: '',
    derivedFrom: record.derivedFrom?.executionId === record.executionId,
    createdAt: '',
    updatedAt: '',
    processedAt: '',
    GSI1SK: '',
    processingMetadata: { ...record.processingMetadata, totalProcessingTime: 0 },
    receipt: JSON.stringify(record.receipt, (name, value) => (name === 'stagesMs' ? 0 : value)),
  });
  expect(comparable(stormy)).toEqual(comparable(clean));
});

it('has each event in the history once, in time order, as they follow from each other', () => {
  const steps = ({ history }: Outcome) => history.map(({ event, status }) => [event, status]);
  const own = (outcome: Outcome) => steps(outcome).filter(([event]) => !isAboutDerived(event!));
  expect(own(stormy)).toEqual(own(clean));
  // What follows the clip is made side by side.
  expect(steps(stormy).sort()).toEqual(steps(clean).sort());
  const times = stormy.history.map(({ timestamp }) => timestamp);
  expect(times).toEqual([...times].sort());
  expect(new Set(stormy.history.map(({ eventId }) => eventId)).size).toBe(stormy.history.length);
});

it('counts every clip once, and announces one end', () => {
  const comparable = ({ status, totalClips, processedClips, failedClips }: ExecutionRecord) => ({
    status,
    totalClips,
    processedClips,
    failedClips,
  });
  expect(comparable(stormy.execution)).toEqual(comparable(clean.execution));
  const ends = published().filter((event) => event['detail-type'] === 'ExecutionFinished');
  expect(new Set(ends.map(({ detail }) => detail.meta!.eventId)).size).toBe(1);
});

it('asks again for what was asked, and reports again what was reported, as the very same event', () => {
  const versions = new Map<string, Set<string>>();
  for (const { source, 'detail-type': type, detail } of published()) {
    if (!/trigger|extractor/.test(source)) continue;
    const name = `${type} ${detail.segmentIndex ?? ''}`;
    versions.set(name, (versions.get(name) ?? new Set()).add(JSON.stringify(detail)));
  }
  const changed = [...versions].filter(([, details]) => details.size > 1);
  expect(changed.map(([name, details]) => `${name}: ${details.size} versions`)).toEqual([]);
});

it('changes nothing when everything is delivered once more after the end', async () => {
  const before = await file();
  const again = splicebus.events.all.filter((event) => event.resources.length === 0);
  for (const event of shuffled(again, seededRandom(SEED))) {
    if (event.bus === splicebus.stack.busName) await slowBus.carry(event);
  }
  await splicebus.stack.idle();
  expect(await file()).toEqual(before);
  const { execution, ...rest } = await outcomeOf(splicebus, stormId);
  // Only the day on which the bookkeeping expires may move.
  expect({ execution: { ...execution, ttl: 0 }, ...rest }).toEqual({
    ...stormy,
    execution: { ...stormy.execution, ttl: 0 },
  });
});
