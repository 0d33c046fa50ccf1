import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetQueueAttributesCommand, SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { tableKeys } from '#shared/keys';
import { editTemplates, setTimeouts } from '../harness/edit-templates.ts';
import type { SeenEvent } from '../harness/event-log.ts';
import { run } from '../harness/process.ts';
import { type Splicebus, startSplicebus } from '../harness/splicebus.ts';
import { HANGING, hasHappened, writeFaultyFfmpeg } from './faulty-ffmpeg.ts';

/** Enough for a cut that works, on a busy machine; the AbortSignal fires 3 s before. */
const TIMEOUT_SECONDS = 8;
const HANGS_MS = 1_100;
const KILLS_MS = 1_200;
const KILLS_ONCE_MS = 1_300;
const KILLS_FFMPEG_ONCE_MS = 1_400;
const SLOW_ONCE_MS = 1_500;

const WAIT = { timeout: 60_000, interval: 50 };

const folder = mkdtempSync(join(tmpdir(), 'splicebus-faulty-'));
let splicebus: Splicebus;
beforeAll(async () => {
  splicebus = await startSplicebus({
    edit: (packages, copies) =>
      editTemplates(packages, copies, setTimeouts({ segmentRequested: TIMEOUT_SECONDS })),
    hostEnvironment: {
      FFMPEG_PATH: writeFaultyFfmpeg(folder, {
        [HANGS_MS]: 'hangs',
        [KILLS_MS]: 'function is killed',
        [KILLS_ONCE_MS]: 'function is killed once',
        [KILLS_FFMPEG_ONCE_MS]: 'ffmpeg is killed once',
        [SLOW_ONCE_MS]: 'is slow once',
      }),
    },
  });
  await splicebus.ingest('plain');
});
afterAll(async () => {
  await splicebus?.stop();
  rmSync(folder, { recursive: true });
});

const clip = (clipId: string, lengthMs: number) => ({
  clipId,
  segments: [{ startTime: 2, endTime: 2 + lengthMs / 1000 }],
});

describe('functions that fail', () => {
  let executionId: string;
  beforeAll(async () => {
    executionId = await splicebus.makeClips('plain', [
      clip('hangs', HANGS_MS),
      clip('killed', KILLS_MS),
      clip('killed-once', KILLS_ONCE_MS),
      clip('ffmpeg-killed-once', KILLS_FFMPEG_ONCE_MS),
      clip('fine', 1_000),
    ]);
  });

  it('fail their clip with the reason, after all retries', async () => {
    expect(await splicebus.clip('plain', 'hangs')).toMatchObject({
      status: 'Generation Failed',
      processingError: { code: 'FUNCTION_TIMED_OUT', message: expect.stringContaining('time') },
    });
    expect(await splicebus.clip('plain', 'killed')).toMatchObject({
      status: 'Generation Failed',
      processingError: { code: 'FUNCTION_FAILED', message: expect.stringContaining('SIGKILL') },
    });
    const reports = splicebus.events.all.filter((event) => event.source === 'lambda');
    expect(reports.map(({ detail }) => detail)).toEqual([
      ...Array(2).fill(
        expect.objectContaining({
          requestContext: expect.objectContaining({
            condition: 'RetriesExhausted',
            approximateInvokeCount: 3,
          }),
        }),
      ),
    ]);
  });

  it('leave the report in the history of the clip, and count as one failed clip each', async () => {
    const record = await splicebus.clip('plain', 'hangs');
    expect(record?.statusHistory.map(({ event }) => event)).toEqual([
      'ClipGenerationStarted',
      'SegmentRequested',
      'ClipGenerationFailed',
    ]);
    expect(await splicebus.execution(executionId)).toMatchObject({
      status: 'failed',
      totalClips: 5,
      processedClips: 3,
      failedClips: 2,
    });
  });

  it('do not keep the others from being made', async () => {
    const asked = [{ startMs: 2_000, endMs: 3_000 }];
    expect(await splicebus.judge('plain', 'fine', asked)).toMatchObject({ faults: [] });
  });

  it.each([
    ['killed-once', KILLS_ONCE_MS],
    ['ffmpeg-killed-once', KILLS_FFMPEG_ONCE_MS],
  ])('are tried again: %s leaves no trace in the clip', async (clipId, lengthMs) => {
    expect(hasHappened(folder, lengthMs)).toBe(true);
    const record = await splicebus.clip('plain', clipId);
    expect(record).toMatchObject({ status: 'Generation Complete' });
    expect(record).not.toHaveProperty('processingError');
    const asked = [{ startMs: 2_000, endMs: 2_000 + lengthMs }];
    expect(await splicebus.judge('plain', clipId, asked)).toMatchObject({ faults: [] });
  });

  it('leave no process and no file behind', async () => {
    const { stdout } = await run('ps', ['-A', '-o', 'args']);
    expect(stdout.split('\n').filter((line) => line.includes(HANGING))).toEqual([]);
    const left = readdirSync(join(splicebus.stateDir, 'lambda/tmp'), { recursive: true });
    expect(left.filter((path) => String(path).includes('splicebus-'))).toEqual([]);
  });
});

describe('a request that is delivered again while it is worked on', () => {
  it('leaves one clip, and nothing of the second try', async () => {
    const requested = splicebus.events.first(
      (event) => event['detail-type'] === 'SegmentRequested' && event.detail.clipId === 'twice',
    );
    const made = splicebus.makeClips('plain', [clip('twice', SLOW_ONCE_MS)]);
    const { bus, ...event } = await requested;
    await vi.waitFor(() => expect(hasHappened(folder, SLOW_ONCE_MS)).toBe(true), WAIT);
    await splicebus.stack.eventbridge.publish(bus, event);
    const executionId = await made;
    const asked = [{ startMs: 2_000, endMs: 2_000 + SLOW_ONCE_MS }];
    expect(await splicebus.judge('plain', 'twice', asked)).toMatchObject({ faults: [] });
    expect(await splicebus.keys('plain/clips/twice/')).toEqual(
      splicebus.finishedKeys('plain', 'twice', executionId),
    );
  });
});

describe('the dead-letter queue', () => {
  const send = (...bodies: string[]) =>
    splicebus.clients.sqs.send(
      new SendMessageBatchCommand({
        QueueUrl: splicebus.stack.deadLetterQueueUrl,
        Entries: bodies.map((MessageBody, index) => ({
          Id: String(index),
          MessageBody,
          MessageAttributes: attributes({
            RULE_ARN: `arn:aws:events:us-east-1:000000000000:rule/${splicebus.stack.busName}/x`,
            TARGET_ARN:
              'arn:aws:lambda:us-east-1:000000000000:function:splicebus-extractor-dev-segmentRequested',
            ERROR_CODE: 'NO_PERMISSIONS',
            ERROR_MESSAGE: 'The rule may not invoke the function.',
            EXHAUSTED_RETRY_CONDITION: 'MaximumRetryAttempts',
          }),
        })),
      }),
    );
  const attributes = (values: Record<string, string>) =>
    Object.fromEntries(
      Object.entries(values).map(([name, StringValue]) => [
        name,
        { DataType: 'String', StringValue },
      ]),
    );

  /** The request of a segment that the extractor never got, in an execution of its own. */
  function undelivered(clipId: string): SeenEvent {
    const { bus, ...event } = splicebus.events.all.find(
      (one) => one['detail-type'] === 'SegmentRequested' && one.detail.clipId === 'fine',
    )!;
    const { executionId } = event.detail;
    return JSON.parse(
      JSON.stringify(event)
        .replaceAll('"fine"', `"${clipId}"`)
        .replaceAll(executionId!, executionId!.replace(/^.{8}/, '0123abcd')),
    );
  }

  it('fails the clip whose event could not be delivered, whatever else lies in the queue', async () => {
    const { executionId, executionStartedAt, tenantId, episodeId } =
      undelivered('never-reached').detail;
    await splicebus.clients.dynamodb.send(
      new PutCommand({
        TableName: splicebus.stack.tableName,
        Item: {
          ...tableKeys.begun(executionId!),
          ...{ tenantId, episodeId, startedAt: executionStartedAt, correlationId: 'begin' },
        },
      }),
    );
    await send(
      'this is not even JSON',
      '{"hello": "this is no event"}',
      JSON.stringify(undelivered('never-reached')),
      '[]',
      JSON.stringify({ ...undelivered('garbled'), detail: { clipId: 'garbled' } }),
    );
    await vi.waitFor(async () => {
      expect(await splicebus.clip('plain', 'never-reached')).toMatchObject({
        status: 'Generation Failed',
        processingError: {
          code: 'EVENT_UNDELIVERABLE',
          message: expect.stringContaining('NO_PERMISSIONS: The rule may not invoke'),
        },
      });
    }, WAIT);
    await splicebus.stack.idle();
  });

  it('is empty afterwards: what nobody can read is logged and taken off', async () => {
    const { Attributes } = await splicebus.clients.sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl: splicebus.stack.deadLetterQueueUrl,
        AttributeNames: ['All'],
      }),
    );
    expect(Attributes).toMatchObject({
      ApproximateNumberOfMessages: '0',
      ApproximateNumberOfMessagesNotVisible: '0',
    });
    const log = splicebus.logs.filter(({ functionName }) =>
      functionName.endsWith('undeliverableEvent'),
    );
    const unreadable = log.filter(({ line }) => line.includes('The message is not an event of'));
    expect(unreadable).toHaveLength(4);
  });
});
