import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Target } from '../target/target.ts';
import {
  busArn,
  DLQ,
  entries,
  gate,
  QUEUE,
  ruleArn,
  startTestBridge,
  type TestBridge,
} from '../testing.ts';
import { type Deliver, DeliveryError } from './deliver.ts';

const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:f';
const busy = new DeliveryError('Too many at once.', { code: 'THROTTLING', retryable: true });
const gone = new DeliveryError('No such function.', { code: 'NO_RESOURCE', retryable: false });

describe('delivery', () => {
  let stateDir: string;
  let test: TestBridge;
  beforeEach(async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'eventbridge-'));
  });
  afterEach(async () => {
    await test.close();
    await rm(stateDir, { recursive: true });
  });

  /** A bus `clips` with one rule for everything. */
  async function start(targets: Target[], deliver?: Deliver): Promise<void> {
    test = await startTestBridge({ stateDir, deliver });
    await test.bridge.createEventBus({ Name: 'clips' });
    const EventPattern = '{"source": ["nullcheck.clips"]}';
    await test.bridge.putRule({ Name: 'r', EventBusName: 'clips', EventPattern });
    await test.bridge.putTargets({ Rule: 'r', EventBusName: 'clips', Targets: targets });
  }

  const put = (more = {}) =>
    test.client.send(new PutEventsCommand({ Entries: entries('clips', [1], more) }));

  it('hands over the whole event with the trace of the entry', async () => {
    await start([{ Id: 'f', Arn: FUNCTION }]);
    const { Entries } = await put({
      TraceHeader: 'Root=1-0-0',
      Resources: ['arn:x'],
      Time: new Date('2026-01-31T12:00:00.900Z'),
    });
    await test.bridge.idle();
    expect(test.delivered).toEqual([
      {
        targetArn: FUNCTION,
        ruleArn: ruleArn('clips', 'r'),
        traceHeader: 'Root=1-0-0',
        payload: {
          version: '0',
          id: Entries?.[0]?.EventId,
          'detail-type': 'Begin Clip Generation',
          source: 'nullcheck.clips',
          account: '000000000000',
          time: '2026-01-31T12:00:00Z',
          region: 'us-east-1',
          resources: ['arn:x'],
          detail: { n: 1 },
        },
      },
    ]);
  });

  it('takes the trace of the call if the entry has none', async () => {
    await start([{ Id: 'f', Arn: FUNCTION }]);
    test.client.middlewareStack.add(
      (next) => (args) => {
        Object.assign((args.request as { headers: object }).headers, {
          'x-amzn-trace-id': 'Root=1-1-1',
        });
        return next(args);
      },
      { step: 'build' },
    );
    await put();
    await test.bridge.idle();
    expect(test.delivered[0]?.traceHeader).toBe('Root=1-1-1');
  });

  it('retries passing faults until the target takes the event', async () => {
    let attempts = 0;
    await start([{ Id: 'f', Arn: FUNCTION }], async () => {
      attempts++;
      if (attempts === 1) throw new Error('connection refused');
      if (attempts <= 3) throw busy;
    });
    await put();
    await test.bridge.idle();
    expect(test.delivered).toHaveLength(1);
    expect(test.outcomes.map(({ kind, retries }) => [kind, retries])).toEqual([
      ['retrying', 0],
      ['retrying', 1],
      ['retrying', 2],
      ['delivered', 3],
    ]);
  });

  it('puts the event in the dead-letter queue when the retries are used up', async () => {
    const target = {
      Id: 'f',
      Arn: FUNCTION,
      Input: '{"not": "the event"}',
      RetryPolicy: { MaximumRetryAttempts: 2 },
      DeadLetterConfig: { Arn: DLQ },
    };
    await start([target], async ({ targetArn }) => {
      if (targetArn === FUNCTION) throw busy;
    });
    await put();
    await test.bridge.idle();
    expect(test.numbersAt(DLQ)).toEqual([1]);
    expect(test.delivered[0]?.messageAttributes).toEqual({
      RULE_ARN: ruleArn('clips', 'r'),
      TARGET_ARN: FUNCTION,
      ERROR_CODE: 'THROTTLING',
      ERROR_MESSAGE: 'Too many at once.',
      EXHAUSTED_RETRY_CONDITION: 'MaximumRetryAttempts',
      RETRY_ATTEMPTS: '2',
    });
    expect(test.outcomes.at(-1)).toMatchObject({ kind: 'deadLettered', queueArn: DLQ });
  });

  it('does so at once when no retry can help', async () => {
    const target = { Id: 'f', Arn: FUNCTION, DeadLetterConfig: { Arn: DLQ } };
    await start([target], async ({ targetArn }) => {
      if (targetArn === FUNCTION) throw gone;
    });
    await put();
    await test.bridge.idle();
    expect(test.delivered[0]?.messageAttributes).toEqual({
      RULE_ARN: ruleArn('clips', 'r'),
      TARGET_ARN: FUNCTION,
      ERROR_CODE: 'NO_RESOURCE',
      ERROR_MESSAGE: 'No such function.',
      RETRY_ATTEMPTS: '0',
    });
  });

  it('counts a template that makes no JSON as such an error', async () => {
    const InputTransformer = { InputPathsMap: {}, InputTemplate: 'no JSON' };
    await start([{ Id: 'f', Arn: FUNCTION, InputTransformer, DeadLetterConfig: { Arn: DLQ } }]);
    await put();
    await test.bridge.idle();
    expect(test.delivered[0]?.messageAttributes?.ERROR_CODE).toBe('INVALID_JSON');
  });

  it('drops visibly what no queue takes', async () => {
    await start(
      [
        { Id: 'f', Arn: FUNCTION },
        { Id: 'q', Arn: QUEUE, DeadLetterConfig: { Arn: DLQ } },
      ],
      async () => {
        throw gone;
      },
    );
    await put();
    await test.bridge.idle();
    expect(test.outcomes.map(({ kind, targetArn }) => [kind, targetArn])).toEqual(
      expect.arrayContaining([
        ['dropped', FUNCTION],
        ['dropped', QUEUE],
      ]),
    );
    expect(test.outcomes).toHaveLength(2);
  });

  it('lets no slow target hold up another', async () => {
    const slow = gate();
    await start(
      [
        { Id: 'f', Arn: FUNCTION },
        { Id: 'q', Arn: QUEUE },
      ],
      ({ targetArn }) => (targetArn === FUNCTION ? slow.opened : Promise.resolve()),
    );
    await put();
    await put();
    await expect.poll(() => test.numbersAt(QUEUE)).toEqual([1, 1]);
    expect(test.numbersAt(FUNCTION)).toEqual([]);
    slow.open();
    await test.bridge.idle();
    expect(test.numbersAt(FUNCTION)).toEqual([1, 1]);
  });

  it('carries an event from bus to bus under its id', async () => {
    await start([{ Id: 'b', Arn: busArn('default') }], async ({ targetArn, payload }) => {
      if (targetArn === busArn('default')) await test.bridge.publish(targetArn, payload as never);
    });
    await test.bridge.putRule({ Name: 'all', EventPattern: '{"version": ["0"]}' });
    await test.bridge.putTargets({ Rule: 'all', Targets: [{ Id: 'q', Arn: QUEUE }] });
    const { Entries } = await put();
    await test.bridge.idle();
    const arrived = test.delivered.find(({ targetArn }) => targetArn === QUEUE);
    expect(arrived?.payload).toMatchObject({ id: Entries?.[0]?.EventId });
  });

  it('publishes events of AWS services from within, but not on a bus that does not exist', async () => {
    await start([{ Id: 'f', Arn: FUNCTION }]);
    await test.bridge.putRule({ Name: 's3', EventPattern: '{"source": ["aws.s3"]}' });
    await test.bridge.putTargets({ Rule: 's3', Targets: [{ Id: 'q', Arn: QUEUE }] });
    const event = { source: 'aws.s3', 'detail-type': 'Object Created', detail: { n: 7 } };
    await test.bridge.publish('default', event);
    await test.bridge.idle();
    expect(test.numbersAt(QUEUE)).toEqual([7]);
    await expect(test.bridge.publish('absent', event)).rejects.toMatchObject({
      code: 'ResourceNotFoundException',
    });
  });

  it('gives up retries when the stack closes', async () => {
    test = await startTestBridge({
      stateDir,
      retryScale: 1000,
      deliver: async () => {
        throw busy;
      },
    });
    await test.bridge.putRule({ Name: 'all', EventPattern: '{"source": ["nullcheck.clips"]}' });
    const target = { Id: 'f', Arn: FUNCTION, DeadLetterConfig: { Arn: DLQ } };
    await test.bridge.putTargets({ Rule: 'all', Targets: [target] });
    await test.client.send(new PutEventsCommand({ Entries: entries('default', [1]) }));
    await expect.poll(() => test.outcomes.length).toBe(1);
    await test.bridge.close();
    await test.bridge.idle();
    expect(test.outcomes.map(({ kind }) => kind)).toEqual(['retrying']);
  });
});
