import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stableId, tableKeys } from '#shared/keys';
import type { SeenEvent } from '../harness/event-log.ts';
import { type Splicebus, startSplicebus, TENANT_ID } from '../harness/splicebus.ts';
import { seededRandom, shuffled } from './slow-bus.ts';

// One execution in which everything happens that can happen to a clip.
const CLIPS = [
  {
    clipId: 'complete',
    segments: [
      { startTime: 1, endTime: 2 },
      { startTime: 3, endTime: 4 },
      { startTime: 5, endTime: 6 },
    ],
    // The episode is smaller: it is left out.
    renditions: ['720p'],
  },
  {
    clipId: 'half-there',
    segments: [
      { startTime: 1, endTime: 2 },
      { startTime: 100, endTime: 101 },
    ],
  },
  { clipId: 'rejected', segments: [{ startTime: 2, endTime: 1 }] },
  { clipId: 'no/id', segments: [] },
];
const CLIP_IDS = ['complete', 'half-there', 'rejected'];

const PROJECTION = 'splicebus-status-dev-clipEvent';
const COPIES = 3;
/** Enough at once to meet in the middle of a write. */
const AT_ONCE = 4;

let splicebus: Splicebus;
let executionId: string;
let recorded: SeenEvent[];

beforeAll(async () => {
  splicebus = await startSplicebus();
  await splicebus.ingest('plain');
  executionId = await splicebus.makeClips('plain', CLIPS);
  recorded = splicebus.events.ofExecution(executionId);
});
afterAll(() => splicebus?.stop());

/** What must not depend on the order; `createdAt` and `updatedAt` are times of the writing itself. */
async function projected(episodeId: string, execution: string) {
  const records = await Promise.all(
    CLIP_IDS.map(async (clipId) => {
      const record = await splicebus.clip(episodeId, clipId, TENANT_ID);
      return { ...record, createdAt: '', updatedAt: '', GSI1SK: '' };
    }),
  );
  const end = { ...(await splicebus.execution(execution)), completedAt: '', ttl: 0 };
  return { records, end };
}

const renamed = <Value>(value: Value, episodeId: string, execution: string): Value =>
  JSON.parse(
    JSON.stringify(value, (_, part) => (part instanceof Set ? [...part].sort() : part))
      .replaceAll(executionId, execution)
      .replaceAll('"plain"', `"${episodeId}"`)
      .replaceAll('plain/', `${episodeId}/`)
      .replaceAll('acme#plain', `acme#${episodeId}`),
  );

it('has recorded an execution with every kind of end', async () => {
  expect(new Set(recorded.map((event) => event['detail-type']))).toEqual(
    new Set([
      ...['ClipGenerationStarted', 'ClipGenerationRejected', 'SegmentRequested'],
      ...['SegmentExtracted', 'SegmentFailed', 'StitchRequested', 'ClipStitched'],
      ...['ExecutionFinished', 'ThumbnailsRequested', 'ThumbnailsMade'],
      ...['RenditionRequested', 'RenditionMade', 'RenditionOmitted'],
    ]),
  );
  expect(await splicebus.execution(executionId)).toMatchObject({
    status: 'failed',
    totalClips: 4,
    processedClips: 1,
    failedClips: 3,
  });
});

it.each([1, 2, 3, 4])('comes to the same records from any order: seed %i', async (seed) => {
  const random = seededRandom(seed);
  const [episodeId, execution] = [`plain-${seed}`, stableId('shuffled', seed)];
  const events = renamed(Array(COPIES).fill(recorded).flat(), episodeId, execution);
  const table = { TableName: splicebus.stack.tableName };
  const { Item: begun } = await splicebus.clients.dynamodb.send(
    new GetCommand({ ...table, Key: tableKeys.begun(executionId) }),
  );
  const Item = renamed(begun!, episodeId, execution);
  await splicebus.clients.dynamodb.send(new PutCommand({ ...table, Item }));
  const queue = shuffled(events as SeenEvent[], random);
  const deliver = async () => {
    for (let event = queue.pop(); event; event = queue.pop()) {
      const { functionError, payload } = await splicebus.stack.lambda.invoke(PROJECTION, event);
      expect({ functionError, payload }).toEqual({ functionError: undefined, payload: null });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, deliver));
  await splicebus.stack.idle();

  const expected = renamed(await projected('plain', executionId), episodeId, execution);
  expect(renamed(await projected(episodeId, execution), '', '')).toEqual(renamed(expected, '', ''));
});
