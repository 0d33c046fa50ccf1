import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DisableRuleCommand,
  EnableRuleCommand,
  ListRulesCommand,
} from '@aws-sdk/client-eventbridge';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ClipRecord } from '#shared/clip/clip-record';
import { executionIdOf } from '#shared/events/identity';
import type { SegmentRequested } from '#shared/events/segment-requested';
import { executionsByTimeKey, tableKeys } from '#shared/keys';
import { editTemplates } from '../harness/edit-templates.ts';
import { type Splicebus, startSplicebus, TENANT_ID } from '../harness/splicebus.ts';
import { endWaiting, hasHappened, writeFaultyFfmpeg } from '../lambda-failures/faulty-ffmpeg.ts';

/** A segment of this length is being cut until the test lets it end. */
const WAITING_MS = 1_500;
const WAIT = { timeout: 60_000, interval: 50 };
const SWEEP = 'splicebus-status-dev-overdueExecutions';

const folder = mkdtempSync(join(tmpdir(), 'splicebus-endings-'));
let splicebus: Splicebus;

/** A deadline that has passed as soon as somebody looks. */
function setUp({ Type, Properties }: { Type: string; Properties: Record<string, unknown> }) {
  if (Type !== 'AWS::Lambda::Function' || Properties.FunctionName !== SWEEP) return;
  const { Variables } = Properties.Environment as { Variables: Record<string, string> };
  Variables.EXECUTION_DEADLINE_MINUTES = '0';
}

beforeAll(async () => {
  splicebus = await startSplicebus({
    edit: (packages, copies) => editTemplates(packages, copies, setUp),
    hostEnvironment: {
      FFMPEG_PATH: writeFaultyFfmpeg(folder, { [WAITING_MS]: 'waits for the test' }),
    },
  });
  await splicebus.ingest('plain');
});
afterAll(async () => {
  await splicebus?.stop();
  rmSync(folder, { recursive: true });
});

const begin = (clipId: string, ...lengthsMs: number[]) =>
  splicebus.begin({
    tenantId: TENANT_ID,
    episodeId: 'plain',
    requestId: clipId,
    clips: [
      {
        clipId,
        segments: lengthsMs.map((lengthMs) => ({ startTime: 2, endTime: 2 + lengthMs / 1000 })),
      },
    ],
  });

const cancel = (clipId: string, tenantId = TENANT_ID) =>
  splicebus.put('nullcheck.clips', 'Cancel Clip Generation', {
    tenantId,
    episodeId: 'plain',
    clipId,
  });

const statusOf = async (clipId: string) => (await splicebus.clip('plain', clipId))?.status;
const eventsOf = ({ statusHistory }: ClipRecord) => statusHistory.map(({ event }) => event);
const intermediates = (clipId: string) => splicebus.keys(`plain/clips/${clipId}/segments/`);
const published = (detailType: string, clipId: string) =>
  splicebus.events.all.filter(
    (event) => event['detail-type'] === detailType && event.detail.clipId === clipId,
  );

describe('a clip that is cancelled', () => {
  let executionId: string;
  let record: ClipRecord;
  beforeAll(async () => {
    executionId = await begin('unwanted', 1_000, WAITING_MS);
    await vi.waitFor(() => expect(hasHappened(folder, WAITING_MS)).toBe(true), WAIT);
    await vi.waitFor(() => expect(published('SegmentExtracted', 'unwanted')).toHaveLength(1), WAIT);
    await cancel('unwanted');
    await vi.waitFor(async () => expect(await statusOf('unwanted')).toBe('Cancelled'), WAIT);
    endWaiting(folder, WAITING_MS);
    await splicebus.finished(executionId);
    await splicebus.stack.idle();
    record = (await splicebus.clip('plain', 'unwanted'))!;
  });

  it('ends as Cancelled, whatever comes of what had begun', () => {
    expect(record).toMatchObject({ status: 'Cancelled' });
    expect(record).not.toHaveProperty('processingError');
    expect(record).not.toHaveProperty('s3Key');
    expect(eventsOf(record)).toContain('ClipGenerationCancelled');
  });

  it('begins nothing any more, and leaves no files', async () => {
    const [request] = published('SegmentRequested', 'unwanted');
    const late = { ...request!.detail, segmentIndex: 2, segmentCount: 3 };
    await splicebus.put('nullcheck.clips.trigger', 'SegmentRequested', late);
    await splicebus.stack.idle();
    // What had begun ends as usual.
    expect(
      published('SegmentExtracted', 'unwanted').map(({ detail }) => detail.segmentIndex),
    ).toEqual([0, 1]);
    expect(published('ClipStitched', 'unwanted')).toEqual([]);
    expect(await splicebus.keys('plain/clips/unwanted/')).toEqual([]);
  });

  it('is counted as such: the execution is complete', async () => {
    expect(await splicebus.execution(executionId)).toMatchObject({
      status: 'completed',
      totalClips: 1,
      processedClips: 0,
      failedClips: 0,
      cancelledClips: 1,
    });
  });

  it('can be requested again', async () => {
    await splicebus.makeClips('plain', [
      { clipId: 'unwanted', segments: [{ startTime: 2, endTime: 3 }] },
    ]);
    const asked = [{ startMs: 2_000, endMs: 3_000 }];
    expect(await splicebus.judge('plain', 'unwanted', asked)).toMatchObject({ faults: [] });
    await splicebus.stack.idle();
    expect(await statusOf('unwanted')).toBe('Generation Complete');
  });
});

it('a clip that is cancelled before its request has begun is never begun', async () => {
  const ids = { tenantId: TENANT_ID, episodeId: 'plain', requestId: 'cancelled-first' };
  const executionId = executionIdOf({ id: '', detail: ids });
  await splicebus.put('nullcheck.clips', 'Cancel Clip Generation', {
    ...{ tenantId: TENANT_ID, episodeId: 'plain', clipId: 'early', executionId },
  });
  await splicebus.stack.idle();
  const segments = [{ startTime: 2, endTime: 3 }];
  await splicebus.begin({
    ...ids,
    clips: ['early', 'sibling'].map((clipId) => ({ clipId, segments })),
  });
  await splicebus.finished(executionId);
  await splicebus.stack.idle();
  expect(await statusOf('early')).toBe('Cancelled');
  expect(await statusOf('sibling')).toBe('Generation Complete');
  expect(published('SegmentRequested', 'early')).toEqual([]);
  expect(published('ClipGenerationCancelled', 'early')).toHaveLength(1);
  expect(await splicebus.execution(executionId)).toMatchObject({
    ...{ status: 'completed', totalClips: 2, processedClips: 1, cancelledClips: 1 },
  });
});

it('a clip that is complete is not cancelled', async () => {
  await splicebus.makeClips('plain', [
    { clipId: 'wanted', segments: [{ startTime: 2, endTime: 3 }] },
  ]);
  await cancel('wanted');
  await splicebus.stack.idle();
  expect(await statusOf('wanted')).toBe('Generation Complete');
  expect(published('ClipGenerationCancelled', 'wanted')).toEqual([]);
});

it('nobody cancels the clip of another tenant', async () => {
  const executionId = await begin('mine', 1_300);
  await splicebus.put('nullcheck.clips', 'Cancel Clip Generation', {
    tenantId: 'globex',
    episodeId: 'plain',
    clipId: 'mine',
    executionId,
  });
  await splicebus.finished(executionId);
  expect(await statusOf('mine')).toBe('Generation Complete');
});

/** The oldest execution of all, with a corrupt item. */
async function putBroken(): Promise<void> {
  const executionId = 'b'.repeat(32);
  const begun = { executionId, executionStartedAt: '0' };
  await splicebus.clients.dynamodb.send(
    new PutCommand({
      TableName: splicebus.stack.tableName,
      Item: {
        ...tableKeys.execution(executionId),
        ...{ ...begun, ...executionsByTimeKey(begun, 'running'), status: 'running' },
        executionStartedAt: 'some day',
      },
    }),
  );
}

describe('a clip whose events get lost', () => {
  let swept: { functionError?: string };
  let executionId: string;
  let request: (typeof SegmentRequested)['example'];
  beforeAll(async () => {
    await setExtractorRule(DisableRuleCommand);
    executionId = await begin('stuck', 1_000, 1_100);
    await vi.waitFor(
      async () => expect(await statusOf('stuck')).toBe('Generation in Progress'),
      WAIT,
    );
    await splicebus.stack.idle();
    await putBroken();
    swept = await splicebus.stack.lambda.invoke(SWEEP, {});
    await splicebus.finished(executionId);
    await setExtractorRule(EnableRuleCommand);
    request = published('SegmentRequested', 'stuck')[0]!.detail as typeof request;
  });

  it('fails once its deadline has passed, and says so', async () => {
    expect(await splicebus.clip('plain', 'stuck')).toMatchObject({
      status: 'Generation Failed',
      processingError: { code: 'TIMED_OUT', message: expect.stringContaining('deadline') },
    });
    expect(await splicebus.execution(executionId)).toMatchObject({
      status: 'failed',
      failedClips: 1,
    });
  });

  it('fails though another execution cannot be failed, and the function says that one could not', () => {
    expect(swept.functionError).toBe('Unhandled');
  });

  it('is not failed again by the next sweep', async () => {
    const before = await splicebus.clip('plain', 'stuck');
    await splicebus.stack.lambda.invoke(SWEEP, {});
    await splicebus.stack.idle();
    expect(await splicebus.clip('plain', 'stuck')).toEqual(before);
  });

  it('is not made after all when they come late', async () => {
    await splicebus.put('nullcheck.clips.trigger', 'SegmentRequested', request);
    await splicebus.stack.idle();
    expect(await statusOf('stuck')).toBe('Generation Failed');
    expect(published('SegmentExtracted', 'stuck')).toEqual([]);
    expect(await intermediates('stuck')).toEqual([]);
  });
});

describe('a clip of which a segment fails', () => {
  it('leaves no intermediates of the others', async () => {
    const executionId = await splicebus.begin({
      tenantId: TENANT_ID,
      episodeId: 'plain',
      clips: [
        {
          clipId: 'half',
          segments: [
            { startTime: 1, endTime: 2 },
            { startTime: 9_000, endTime: 9_001 },
            { startTime: 2, endTime: 3 },
          ],
        },
      ],
    });
    await splicebus.finished(executionId);
    await splicebus.stack.idle();
    expect(published('SegmentFailed', 'half')).toHaveLength(1);
    expect(await intermediates('half')).toEqual([]);
  });
});

describe('the topic', () => {
  it('hears of what failed and of what finished', () => {
    const topic = readFileSync(join(splicebus.stateDir, 'sns/splicebus-dev.jsonl'), 'utf8');
    const messages = topic
      .trim()
      .split('\n')
      .map((line) => String(JSON.parse(line).message));
    expect(messages).toContainEqual(
      expect.stringMatching(
        /^"?Clips of episode plain: execution completed\. 1 of 1 clips are complete, 0 failed\./,
      ),
    );
    expect(messages).toContainEqual(
      expect.stringMatching(
        /^"?SegmentFailed: clip half of episode plain failed with SEGMENT_OUTSIDE_EPISODE\./,
      ),
    );
    expect(messages).toContainEqual(
      expect.stringMatching(
        /^"?ClipGenerationFailed: clip stuck of episode plain failed with TIMED_OUT\./,
      ),
    );
  });
});

async function setExtractorRule(Command: typeof DisableRuleCommand | typeof EnableRuleCommand) {
  const { busName: EventBusName } = splicebus.stack;
  const { Rules = [] } = await splicebus.clients.events.send(
    new ListRulesCommand({ EventBusName }),
  );
  const rules = Rules.filter(({ EventPattern = '' }) =>
    EventPattern.includes('"SegmentRequested"'),
  );
  expect(rules).toHaveLength(1);
  for (const { Name } of rules) {
    await splicebus.clients.events.send(new Command({ Name, EventBusName }));
  }
}
