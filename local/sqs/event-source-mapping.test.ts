import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SQSEvent } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type EventSourceMapping, startEventSourceMapping } from './event-source-mapping.ts';
import type { Queue } from './queue.ts';
import { createSqs } from './sqs.ts';

describe('startEventSourceMapping', () => {
  let stateDir: string;
  let queue: Queue;
  let mapping: EventSourceMapping;
  const batches: SQSEvent[] = [];
  const errors: unknown[] = [];

  beforeEach(() => {
    stateDir = mkdtempSync(join(tmpdir(), 'splicebus-mapping-'));
    queue = createSqs({ stateDir, accountId: '0' }).createQueue({
      name: 'jobs',
      arn: 'arn:aws:sqs:us-east-1:0:jobs',
      url: 'http://127.0.0.1/0/jobs',
      visibilityTimeoutSeconds: 600,
      retentionSeconds: 1000,
      delaySeconds: 0,
      receiveWaitSeconds: 0,
    });
    batches.length = 0;
    errors.length = 0;
  });
  afterEach(() => {
    mapping.close();
    rmSync(stateDir, { recursive: true });
  });

  const start = (answer: (event: SQSEvent) => unknown, reportBatchItemFailures = true) => {
    mapping = startEventSourceMapping({
      queue,
      accountId: '0',
      region: 'us-east-1',
      batchSize: 2,
      reportBatchItemFailures,
      invoke: async (event) => {
        batches.push(event as SQSEvent);
        return answer(event as SQSEvent);
      },
      onError: (error) => errors.push(error),
    });
  };

  it('hands over batches and deletes what succeeded', async () => {
    const attributes = { CODE: { DataType: 'String', StringValue: 'x' } };
    queue.send({ body: 'a', attributes, traceHeader: 'Root=1' });
    queue.send({ body: 'b' });
    queue.send({ body: 'c' });
    start(() => undefined);
    await mapping.idle();

    expect(batches.map(({ Records }) => Records.map(({ body }) => body))).toEqual([
      ['a', 'b'],
      ['c'],
    ]);
    expect(batches[0]?.Records[0]).toMatchObject({
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:us-east-1:0:jobs',
      attributes: { ApproximateReceiveCount: '1', AWSTraceHeader: 'Root=1' },
      messageAttributes: { CODE: { stringValue: 'x', dataType: 'String' } },
    });
    expect(queue.counts()).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
  });

  it('keeps exactly the messages the function reports', async () => {
    start(({ Records }) => ({
      batchItemFailures: Records.filter(({ body }) => body === 'bad').map(({ messageId }) => ({
        itemIdentifier: messageId,
      })),
    }));
    queue.send({ body: 'good' });
    queue.send({ body: 'bad' });
    await mapping.idle();
    expect(queue.counts()).toMatchObject({ inFlight: 1 });
  });

  it.each([
    ['an unknown id', { batchItemFailures: [{ itemIdentifier: 'other' }] }],
    ['a malformed answer', { batchItemFailures: 'all' }],
    ['a missing id', { batchItemFailures: [{}] }],
  ])('keeps the whole batch after %s', async (_name, answer) => {
    start(() => answer);
    queue.send({ body: 'a' });
    await mapping.idle();
    expect(queue.counts()).toMatchObject({ inFlight: 1 });
  });

  it('keeps the batch when the function fails, and goes on', async () => {
    start(({ Records }) => {
      if (Records[0]?.body === 'bad') throw new Error('no');
    });
    queue.send({ body: 'bad' });
    await mapping.idle();
    queue.send({ body: 'good' });
    await mapping.idle();
    expect(errors).toHaveLength(1);
    expect(queue.counts()).toEqual({ visible: 0, inFlight: 1, delayed: 0 });
  });
});
