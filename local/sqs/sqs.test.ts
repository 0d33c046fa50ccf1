import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Gateway, startGateway } from '../gateway/server.ts';
import { awsCli, hasAwsCli } from '../testing/aws-cli.ts';
import type { QueueConfig } from './queue.ts';
import { createSqs, type Sqs } from './sqs.ts';

const accountId = '000000000000';

describe('createSqs', () => {
  let stateDir: string;
  let sqs: Sqs;
  let gateway: Gateway;
  let client: SQSClient;
  let QueueUrl: string;

  const config = (name: string, overrides: Partial<QueueConfig> = {}): QueueConfig => ({
    name,
    arn: `arn:aws:sqs:us-east-1:${accountId}:${name}`,
    url: `${gateway.endpointUrl}/${accountId}/${name}`,
    visibilityTimeoutSeconds: 30,
    retentionSeconds: 1000,
    delaySeconds: 0,
    receiveWaitSeconds: 0,
    ...overrides,
  });
  const send = (MessageBody: string, url = QueueUrl) =>
    client.send(new SendMessageCommand({ QueueUrl: url, MessageBody }));
  const receive = async (options: object = {}) => {
    const command = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, ...options });
    return (await client.send(command)).Messages ?? [];
  };
  const bodies = async (options: object = {}) =>
    (await receive(options)).map(({ Body }) => Body).sort();

  beforeEach(async () => {
    stateDir = mkdtempSync(join(tmpdir(), 'splicebus-sqs-'));
    sqs = createSqs({ stateDir, accountId });
    gateway = await startGateway({
      port: 0,
      services: { sqs },
      judge: (key) => ({ allowed: key !== 'NOBODY', reason: 'refused' }),
    });
    client = new SQSClient({
      endpoint: gateway.endpointUrl,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
    QueueUrl = sqs.createQueue(config('jobs')).config.url;
  });
  afterEach(async () => {
    client.destroy();
    await gateway.close();
    rmSync(stateDir, { recursive: true });
  });

  it('hands a message to one receiver until it deletes it', async () => {
    await send('hello');
    const [message] = await receive({ MessageSystemAttributeNames: ['All'] });
    expect(message).toMatchObject({
      Body: 'hello',
      Attributes: { ApproximateReceiveCount: '1', SentTimestamp: expect.any(String) },
    });
    expect(await receive()).toEqual([]);

    const { ReceiptHandle } = message as { ReceiptHandle: string };
    const release = { QueueUrl, ReceiptHandle, VisibilityTimeout: 0 };
    await client.send(new ChangeMessageVisibilityCommand(release));
    const [again] = await receive();
    expect(again?.Body).toBe('hello');

    // The first receipt is outdated and deletes nothing; the second does.
    await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    expect(sqs.queueByArn(config('jobs').arn)?.counts().inFlight).toBe(1);
    await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: again?.ReceiptHandle }));
    expect(sqs.queueByArn(config('jobs').arn)?.counts()).toEqual({
      visible: 0,
      inFlight: 0,
      delayed: 0,
    });
  });

  it('answers a long poll as soon as a message arrives', async () => {
    const polling = bodies({ WaitTimeSeconds: 20 });
    await send('late');
    expect(await polling).toEqual(['late']);
  });

  it('gives a message to nobody when its long poll was hung up', async () => {
    const hangUp = new AbortController();
    const queue = sqs.queueByArn(config('jobs').arn);
    const polling = queue?.receive({ maxMessages: 1, waitSeconds: 20, signal: hangUp.signal });
    hangUp.abort();
    await send('kept');
    expect(await polling).toEqual([]);
    expect(await bodies()).toEqual(['kept']);
  });

  it('sends and deletes batches, entry by entry', async () => {
    const sent = await client.send(
      new SendMessageBatchCommand({
        QueueUrl,
        Entries: [
          { Id: '1', MessageBody: 'a' },
          { Id: '2', MessageBody: '' },
          { Id: '3', MessageBody: 'c', DelaySeconds: 900 },
        ],
      }),
    );
    expect(sent.Successful?.map(({ Id }) => Id)).toEqual(['1', '3']);
    expect(sent.Failed).toMatchObject([{ Id: '2', Code: 'InvalidParameterValue' }]);

    const [message] = await receive();
    const deleted = await client.send(
      new DeleteMessageBatchCommand({
        QueueUrl,
        Entries: [
          { Id: 'x', ReceiptHandle: message?.ReceiptHandle },
          { Id: 'y', ReceiptHandle: 'nonsense' },
        ],
      }),
    );
    expect(deleted.Successful).toEqual([{ Id: 'x' }]);
    expect(deleted.Failed).toMatchObject([{ Id: 'y', Code: 'ReceiptHandleIsInvalid' }]);
    expect(sqs.queueByArn(config('jobs').arn)?.counts()).toMatchObject({ delayed: 1, inFlight: 0 });
  });

  it('carries message attributes and the trace header', async () => {
    await client.send(
      new SendMessageCommand({
        QueueUrl,
        MessageBody: 'x',
        MessageAttributes: { ERROR_CODE: { DataType: 'String', StringValue: 'NO' } },
        MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: 'Root=1' } },
      }),
    );
    const [message] = await receive({
      MessageAttributeNames: ['ERROR_*'],
      MessageSystemAttributeNames: ['AWSTraceHeader'],
    });
    expect(message?.MessageAttributes).toEqual({
      ERROR_CODE: { DataType: 'String', StringValue: 'NO' },
    });
    expect(message?.Attributes).toEqual({ AWSTraceHeader: 'Root=1' });
  });

  it('moves a message to the dead letters after maxReceiveCount receipts', async () => {
    const dead = sqs.createQueue(config('dead'));
    const redrive = { deadLetterTargetArn: dead.config.arn, maxReceiveCount: 2 };
    const { url } = sqs.createQueue(config('fragile', { redrive })).config;
    await send('poison', url);
    const once = { QueueUrl: url, VisibilityTimeout: 0 };
    expect(await bodies(once)).toEqual(['poison']);
    expect(await bodies(once)).toEqual(['poison']);
    expect(await bodies(once)).toEqual([]);
    expect(await bodies({ QueueUrl: dead.config.url })).toEqual(['poison']);
  });

  it('describes, lists and purges queues', async () => {
    expect((await client.send(new GetQueueUrlCommand({ QueueName: 'jobs' }))).QueueUrl).toBe(
      QueueUrl,
    );
    expect((await client.send(new ListQueuesCommand({ QueueNamePrefix: 'j' }))).QueueUrls).toEqual([
      QueueUrl,
    ]);
    await send('x');
    const { Attributes } = await client.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
    );
    expect(Attributes).toMatchObject({ ApproximateNumberOfMessages: '1', VisibilityTimeout: '30' });
    await client.send(new PurgeQueueCommand({ QueueUrl }));
    expect(await receive()).toEqual([]);
  });

  it('refuses unknown queues and forbidden callers by the names SDKs know', async () => {
    await expect(send('x', `${QueueUrl}-gone`)).rejects.toMatchObject({
      name: 'QueueDoesNotExist',
    });
    const nobody = new SQSClient({
      endpoint: gateway.endpointUrl,
      region: 'us-east-1',
      credentials: { accessKeyId: 'NOBODY', secretAccessKey: 'x' },
    });
    await expect(nobody.send(new ReceiveMessageCommand({ QueueUrl }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
    nobody.destroy();
  });

  it('keeps messages over a restart, whatever the crash left of the last line', async () => {
    await send('kept');
    await send('done');
    const received = await receive({ VisibilityTimeout: 0 });
    const done = received.find(({ Body }) => Body === 'done');
    await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: done?.ReceiptHandle }));
    appendFileSync(join(stateDir, 'sqs', 'jobs.jsonl'), '{"put":{"messageId":"half');

    const reopened = createSqs({ stateDir, accountId }).createQueue(config('jobs'));
    const messages = await reopened.receive({ maxMessages: 10 });
    expect(messages).toMatchObject([{ body: 'kept', receiveCount: 2 }]);
  });

  it.skipIf(!hasAwsCli)('speaks to the AWS CLI, in the protocol of its version', async () => {
    const aws = async (...args: string[]) => {
      const stdout = await awsCli(gateway.endpointUrl, ['sqs', ...args]);
      return stdout === '' ? undefined : JSON.parse(stdout);
    };
    const queue = ['--queue-url', QueueUrl];
    const attributes = '{"CODE":{"DataType":"String","StringValue":"A&B"}}';
    await aws(
      'send-message',
      ...queue,
      '--message-body',
      '<hi>',
      '--message-attributes',
      attributes,
    );
    const all = ['--attribute-names', 'All', '--message-attribute-names', 'All'];
    const { Messages } = await aws('receive-message', ...queue, ...all);
    expect(Messages).toMatchObject([
      {
        Body: '<hi>',
        Attributes: { ApproximateReceiveCount: '1' },
        MessageAttributes: { CODE: { DataType: 'String', StringValue: 'A&B' } },
      },
    ]);
    await aws('delete-message', ...queue, '--receipt-handle', Messages[0].ReceiptHandle);
    // Of an empty queue, the CLI prints nothing or an empty list, as its version has it.
    expect((await aws('receive-message', ...queue))?.Messages ?? []).toEqual([]);
    expect(await aws('list-queues')).toEqual({ QueueUrls: [QueueUrl] });
    // The code of the query protocol, or the JSON protocol's.
    await expect(aws('receive-message', '--queue-url', `${QueueUrl}-gone`)).rejects.toThrow(
      /AWS\.SimpleQueueService\.NonExistentQueue|QueueDoesNotExist/,
    );
  });
});
