import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetQueueUrlCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BusEvent } from '../eventbridge/index.ts';
import type { Notification } from '../sns/sns.ts';
import { type Stack, startStack } from './index.ts';
import { fixturePackages } from './testing/packages.ts';

describe('startStack', () => {
  const directory = mkdtempSync(join(tmpdir(), 'splicebus-stack-'));
  const stateDir = join(directory, 'state');
  const events: (BusEvent & { bus: string })[] = [];
  const notifications: Notification[] = [];
  let stack: Stack;
  let clients: {
    s3: S3Client;
    dynamodb: DynamoDBClient;
    events: EventBridgeClient;
    sqs: SQSClient;
  };

  const start = async () => {
    stack = await startStack({
      stateDir,
      packages: fixturePackages(join(directory, 'packages')),
      retryDelaysMs: [10],
      eventRetryScale: 0.01,
      onNotification: (notification) => notifications.push(notification),
      onEvent: (bus, event) => events.push({ ...event, bus }),
    });
    const options = {
      endpoint: stack.endpointUrl,
      region: stack.region,
      credentials: { accessKeyId: 'laptop', secretAccessKey: 'laptop' },
    };
    clients = {
      s3: new S3Client({ ...options, forcePathStyle: true }),
      dynamodb: new DynamoDBClient(options),
      events: new EventBridgeClient(options),
      sqs: new SQSClient(options),
    };
  };
  const stop = async () => {
    for (const client of Object.values(clients)) client.destroy();
    await stack.stop();
  };
  beforeAll(start);
  afterAll(async () => {
    await stop();
    rmSync(directory, { recursive: true });
  });

  const put = async (detailType: string, id: string) => {
    await clients.events.send(
      new PutEventsCommand({
        Entries: [
          {
            EventBusName: stack.busName,
            Source: 'test',
            DetailType: detailType,
            Detail: JSON.stringify({ id }),
          },
        ],
      }),
    );
    await stack.idle();
  };
  const items = async () => {
    const { Items } = await clients.dynamodb.send(new ScanCommand({ TableName: stack.tableName }));
    return (Items ?? []).map(({ pk, sk }) => `${pk?.S} ${sk?.S}`);
  };

  it('carries an event to a function, and what it writes to table, bucket and the next function', async () => {
    await put('Record', 'one');
    expect(await items()).toEqual(expect.arrayContaining(['one note', 'notes/one.txt object']));
    const { Body } = await clients.s3.send(
      new GetObjectCommand({ Bucket: stack.bucketName, Key: 'notes/one.txt' }),
    );
    expect(await Body?.transformToString()).toBe('one');
    expect(readFileSync(join(stack.s3Dir, 'notes', 'one.txt'), 'utf8')).toBe('one');
  });

  it('announces an upload on the default bus', async () => {
    const upload = { Bucket: stack.bucketName, Key: 'a b/é.txt', Body: 'x' };
    await clients.s3.send(new PutObjectCommand(upload));
    await stack.idle();
    expect(await items()).toContain('a b/é.txt object');
    expect(events).toContainEqual(
      expect.objectContaining({
        bus: 'default',
        source: 'aws.s3',
        'detail-type': 'Object Created',
      }),
    );
  });

  it('lets a function do only what its role allows, and reports its failure on the bus', async () => {
    await put('Greedy', 'two');
    const failure = events.find(({ source }) => source === 'lambda');
    expect(failure).toMatchObject({
      bus: stack.busName,
      'detail-type': 'Lambda Function Invocation Result - Failure',
      resources: [
        'arn:aws:lambda:us-east-1:000000000000:function:work-greedy:$LATEST',
        stack.exports.get('splicebus-dev-BusArn'),
      ],
      detail: {
        requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 2 },
        requestPayload: { detail: { id: 'two' } },
        responsePayload: {
          errorMessage: expect.stringMatching(
            /AccessDeniedException.*assumed-role\/splicebus-work-dev-GreedyRole\/work-greedy is not authorized to perform: dynamodb:PutItem on resource: arn:aws:dynamodb:us-east-1:000000000000:table\/splicebus-dev/,
          ),
        },
      },
    });
  });

  it('sends what a function does not admit to the dead letters, and those to their consumer', async () => {
    await put('Locked', 'three');
    expect(await items()).toContain('three NO_PERMISSIONS');
  });

  it('delivers to a queue', async () => {
    await put('Outbox', 'four');
    const { QueueUrl } = await clients.sqs.send(new GetQueueUrlCommand({ QueueName: 'outbox' }));
    const { Messages } = await clients.sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    expect(JSON.parse(Messages?.[0]?.Body ?? '')).toMatchObject({ detail: { id: 'four' } });
  });

  it('shows what is published to a topic', async () => {
    await put('Alert', 'five');
    expect(notifications.map(({ message }) => JSON.parse(message).detail.id)).toEqual(['five']);
  });

  it('says what it left out', () => {
    expect(stack.ignored).toContainEqual({
      resource: 'splicebus-shared-dev.Alarm',
      type: 'AWS::CloudWatch::Alarm',
      reason: 'metrics are not collected locally',
    });
  });

  it('keeps its state over a restart', async () => {
    await put('Record', 'kept');
    await put('Outbox', 'kept');
    await stop();
    await start();
    expect(await items()).toContain('kept note');
    const { QueueUrl } = await clients.sqs.send(new GetQueueUrlCommand({ QueueName: 'outbox' }));
    const all = { QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 };
    const { Messages } = await clients.sqs.send(new ReceiveMessageCommand(all));
    expect(Messages?.map(({ Body }) => JSON.parse(Body ?? '').detail.id)).toContain('kept');
    await put('Record', 'after');
    expect(await items()).toContain('after note');
  });

  it('refuses a second stack on the same state', async () => {
    const packages = fixturePackages(join(directory, 'packages'));
    await expect(startStack({ stateDir, packages })).rejects.toMatchObject({
      code: 'StateDirInUse',
    });
    expect(await items()).toContain('kept note');
  });
});
