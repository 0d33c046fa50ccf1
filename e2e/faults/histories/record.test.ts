import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type EditableResource, editTemplates } from '../../harness/edit-templates.ts';
import { type Splicebus, startSplicebus, TENANT_ID } from '../../harness/splicebus.ts';
import { endWaiting, hasHappened, writeFaultyFfmpeg } from '../../lambda-failures/faulty-ffmpeg.ts';
import type { LoggedEvent, TableItem } from '../checker/final-state.ts';
import { EPISODE_ID } from '../world/world.ts';
import { finalRecords, type HistoryName, writeHistory } from './histories.ts';

// Records anew what replay.test.ts replays: RECORD=1 npx vitest run e2e/faults/histories/record.test.ts
// The old recordings are of value as they are: record only what they lack.
const isAsked = process.env.RECORD !== undefined;

/** A segment of such a length is being cut until the test lets it end. */
const CANCELLED_MS = 1_500;
const OVERDUE_MS = 1_300;
const SWEEP = 'splicebus-status-dev-overdueExecutions';
const SEGMENTS = [
  { startTime: 0.5, endTime: 1.5 },
  { startTime: 2, endTime: 3 },
];
const WAIT = { timeout: 110_000, interval: 50 };
const OUTSIDE = { startTime: 500, endTime: 501 };

const folder = mkdtempSync(join(tmpdir(), 'splicebus-record-'));
let splicebus: Splicebus;

/** One segment at a time, so that others wait for the one that waits; every execution is overdue for the sweep. */
function setUp({ Type, Properties }: EditableResource): void {
  if (Type !== 'AWS::Lambda::Function') return;
  const name = String(Properties.FunctionName);
  if (name.endsWith('-segmentRequested')) Properties.ReservedConcurrentExecutions = 1;
  if (name !== SWEEP) return;
  const { Variables } = Properties.Environment as { Variables: Record<string, string> };
  Variables.EXECUTION_DEADLINE_MINUTES = '0';
}

beforeAll(async () => {
  if (!isAsked) return;
  splicebus = await startSplicebus({
    edit: (packages, copies) => editTemplates(packages, copies, setUp),
    hostEnvironment: {
      FFMPEG_PATH: writeFaultyFfmpeg(folder, {
        [CANCELLED_MS]: 'waits for the test',
        [OVERDUE_MS]: 'waits for the test',
      }),
    },
  });
  await splicebus.ingest('plain', EPISODE_ID);
});
afterAll(async () => {
  await splicebus?.stop();
  rmSync(folder, { recursive: true });
});

async function record(name: HistoryName, executionIds: readonly string[], clipId: string) {
  await splicebus.stack.idle();
  const { stack, clients, events } = splicebus;
  const { Items = [] } = await clients.dynamodb.send(
    new ScanCommand({ TableName: stack.tableName }),
  );
  const own = events.all.filter(
    ({ bus, source, detail }) =>
      bus === stack.busName &&
      source.startsWith('nullcheck.clips') &&
      (executionIds.includes(detail.executionId ?? '') ||
        JSON.stringify(detail).includes(`"${clipId}"`)),
  );
  const items = (Items as TableItem[]).filter(
    ({ pk, sk }) =>
      sk === `clip#${clipId}` || executionIds.some((executionId) => pk.endsWith(executionId)),
  );
  writeHistory(name, {
    records: finalRecords({ items }),
    events: own.map(({ bus: _bus, ...event }) => event as LoggedEvent),
  });
}

const begin = (clipId: string, segments: readonly object[]) =>
  splicebus.begin({
    tenantId: TENANT_ID,
    episodeId: EPISODE_ID,
    clips: [{ clipId, segments }],
  });

it.runIf(isAsked)('records a clip that is made, and one of which a segment fails', async () => {
  const complete = await begin('complete', SEGMENTS);
  const failed = await begin('half', [...SEGMENTS, OUTSIDE]);
  await splicebus.finished(complete);
  await splicebus.finished(failed);
  await record('complete', [complete], 'complete');
  await record('failed-segment', [failed], 'half');
});

it.runIf(isAsked)('records a clip that is made again', async () => {
  const first = await begin('again', SEGMENTS);
  await splicebus.finished(first);
  const second = await begin('again', SEGMENTS);
  await splicebus.finished(second);
  await record('made-again', [first, second], 'again');
});

const statusOf = async (clipId: string) => (await splicebus.clip(EPISODE_ID, clipId))?.status;

/** Begins a clip of which one segment is being cut until {@link endWaiting}. */
async function beginWaiting(clipId: string, lengthMs: number): Promise<string> {
  const executionId = await begin(clipId, [
    { startTime: 1, endTime: 1 + lengthMs / 1000 },
    ...SEGMENTS,
  ]);
  await vi.waitFor(() => expect(hasHappened(folder, lengthMs)).toBe(true), WAIT);
  // The last thing that is noted of its begin.
  const total = async () => (await splicebus.execution(executionId))?.totalClips;
  await vi.waitFor(async () => expect(await total()).toBe(1), WAIT);
  return executionId;
}

it.runIf(isAsked)('records a clip that is cancelled', async () => {
  const executionId = await beginWaiting('unwanted', CANCELLED_MS);
  await splicebus.put('nullcheck.clips', 'Cancel Clip Generation', {
    tenantId: TENANT_ID,
    episodeId: EPISODE_ID,
    clipId: 'unwanted',
  });
  await vi.waitFor(async () => expect(await statusOf('unwanted')).toBe('Cancelled'), WAIT);
  endWaiting(folder, CANCELLED_MS);
  await splicebus.finished(executionId);
  await record('cancelled', [executionId], 'unwanted');
});

it.runIf(isAsked)('records a clip that is overdue', async () => {
  const executionId = await beginWaiting('stuck', OVERDUE_MS);
  await splicebus.stack.lambda.invoke(SWEEP, {});
  await vi.waitFor(async () => expect(await statusOf('stuck')).toBe('Generation Failed'), WAIT);
  endWaiting(folder, OVERDUE_MS);
  await splicebus.finished(executionId);
  await record('timed-out', [executionId], 'stuck');
});
