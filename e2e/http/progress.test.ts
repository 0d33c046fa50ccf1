import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { jobAnswer } from '#shared/api/job-links';
import { ClipGenerationStarted } from '#shared/events/clip-generation-started';
import { ClipProgressed } from '#shared/events/clip-progressed';
import { tableKeys } from '#shared/keys';
import { ApiCaller } from '../harness/api.ts';
import { type Splicebus, startSplicebus, TENANT_ID } from '../harness/splicebus.ts';

const JOB = { episodeId: 'pilot', clipId: 'slow', executionId: 'f'.repeat(32) };

let splicebus: Splicebus;
let api: ApiCaller;

beforeAll(async () => {
  splicebus = await startSplicebus({ hostEnvironment: { PROGRESS_INTERVAL_MS: '0' } });
  await splicebus.ingest('plain', 'pilot');
  // As if its request had begun.
  await splicebus.clients.dynamodb.send(
    new PutCommand({
      TableName: splicebus.stack.tableName,
      Item: {
        ...tableKeys.begun(JOB.executionId),
        ...{ tenantId: TENANT_ID, episodeId: JOB.episodeId, correlationId: 'begin' },
        startedAt: ClipProgressed.example.executionStartedAt,
      },
    }),
  );
  api = await ApiCaller.of(splicebus);
});
afterAll(() => splicebus?.stop());

let published = 0;

/** Publishes an event about the job, as a service would. */
async function tell(
  source: string,
  { example, detailType }: { example: object; detailType: string },
  detail: object,
) {
  const meta = { ...ClipProgressed.example.meta, eventId: `told-${published++}` };
  const fields = { ...example, tenantId: TENANT_ID, ...JOB, meta, ...detail };
  await splicebus.put(source, detailType, fields);
  await splicebus.stack.idle();
}

const progressed = (percentage: number, segmentIndex?: number) =>
  tell('nullcheck.clips.extractor', ClipProgressed, { percentage, segmentIndex });

async function progress() {
  const { stage, percentage } = await api.status(jobAnswer(JOB));
  return [stage, percentage];
}

it('moves with the work, and never back', async () => {
  const segments = [
    { startMs: 1_000, endMs: 2_000 },
    { startMs: 3_000, endMs: 4_000 },
  ];
  await tell(ClipGenerationStarted.source, ClipGenerationStarted, { segments, segmentCount: 2 });
  expect(await progress()).toEqual(['extracting', 5]);
  await progressed(60, 0);
  expect(await progress()).toEqual(['extracting', 27]);
  await progressed(40, 0);
  await progressed(60, 0);
  expect(await progress()).toEqual(['extracting', 27]);
  await progressed(20, 1);
  expect(await progress()).toEqual(['extracting', 35]);
  await progressed(50);
  expect(await progress()).toEqual(['stitching', 90]);
  await progressed(90, 1);
  expect(await progress()).toEqual(['stitching', 90]);
  const { statusHistory } = await api.status(jobAnswer(JOB));
  expect(statusHistory.map(({ event }) => event)).toEqual(['ClipGenerationStarted']);
});

it('is told by extractor and stitcher while they work', async () => {
  const [job] = await api.generate({
    episodeId: 'pilot',
    clips: [{ clipId: 'long', segments: [{ startTime: 1, endTime: 23 }], cut: 'reencode' }],
  });
  await api.watch(job!);
  await splicebus.stack.idle();
  const told = splicebus.events
    .ofExecution(job!.executionId)
    .filter((event) => event['detail-type'] === ClipProgressed.detailType);
  expect(new Set(told.map(({ source }) => source))).toEqual(
    new Set(['nullcheck.clips.extractor', 'nullcheck.clips.stitcher']),
  );
  const eventIds = told.map(({ detail }) => detail.meta!.eventId);
  expect(new Set(eventIds).size).toBe(eventIds.length);
  const { stage, percentage } = await api.status(job!);
  expect([stage, percentage]).toEqual(['complete', 100]);
});
