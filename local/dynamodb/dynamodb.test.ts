import { mkdtempSync, rmSync } from 'node:fs';
import { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Gateway, startGateway } from '../gateway/server.ts';
import { createDynamoDb, type DynamoDb } from './dynamodb.ts';
import type { TableDefinition } from './table-definition.ts';

const clips: TableDefinition = {
  TableName: 'clips',
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  AttributeDefinitions: ['pk', 'sk', 'gsi'].map((AttributeName) => ({
    AttributeName,
    AttributeType: 'S',
  })),
  GlobalSecondaryIndexes: [
    {
      IndexName: 'GSI1',
      KeySchema: [{ AttributeName: 'gsi', KeyType: 'HASH' }],
      Projection: { ProjectionType: 'ALL' },
    },
  ],
  TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
};
const Key = { pk: { S: 'a' }, sk: { S: 'b' } };

describe('createDynamoDb', () => {
  let stateDir: string;
  let dynamo: DynamoDb;
  let gateway: Gateway;
  let client: DynamoDBClient;
  let allowed: (action: string, resource: string) => boolean;

  const start = async () => {
    dynamo = await createDynamoDb({ stateDir, accountId: '000000000000', region: 'us-east-1' });
    gateway = await startGateway({
      port: 0,
      services: { dynamodb: dynamo },
      judge: (_key, action, resource) => ({ allowed: allowed(action, resource), reason: action }),
    });
    client = new DynamoDBClient({
      endpoint: gateway.endpointUrl,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
  };
  const stop = async () => {
    client.destroy();
    await gateway.close();
    await dynamo.close();
  };

  beforeEach(async () => {
    stateDir = mkdtempSync(join(tmpdir(), 'splicebus-dynamodb-'));
    allowed = () => true;
    await start();
    await dynamo.createTable(clips);
  });
  afterEach(async () => {
    await stop();
    rmSync(stateDir, { recursive: true });
  });

  it('is reached through the gateway alone: a port of its own would answer web pages', () => {
    const { _getActiveHandles } = process as unknown as { _getActiveHandles(): unknown[] };
    const servers = _getActiveHandles.call(process).filter((handle) => handle instanceof Server);
    const ports = servers.flatMap((server) => {
      const address = server.address();
      return address && typeof address === 'object' ? [address.port] : [];
    });
    expect(ports).toEqual([gateway.port]);
  });

  it('serves a template’s table with its index and TTL', async () => {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: 'clips' }));
    expect(Table?.TableStatus).toBe('ACTIVE');
    const { TimeToLiveDescription } = await client.send(
      new DescribeTimeToLiveCommand({ TableName: 'clips' }),
    );
    expect(TimeToLiveDescription).toEqual({ TimeToLiveStatus: 'ENABLED', AttributeName: 'ttl' });

    await client.send(
      new PutItemCommand({ TableName: 'clips', Item: { ...Key, gsi: { S: 'x' }, n: { N: '1' } } }),
    );
    const { Items } = await client.send(
      new QueryCommand({
        TableName: 'clips',
        IndexName: 'GSI1',
        KeyConditionExpression: 'gsi = :x',
        ExpressionAttributeValues: { ':x': { S: 'x' } },
      }),
    );
    expect(Items).toHaveLength(1);
  });

  it('fails a conditional update with the error SDKs know', async () => {
    const update = client.send(
      new UpdateItemCommand({
        TableName: 'clips',
        Key,
        UpdateExpression: 'SET a = :a',
        ConditionExpression: 'attribute_exists(pk)',
        ExpressionAttributeValues: { ':a': { S: 'x' } },
      }),
    );
    await expect(update).rejects.toMatchObject({ name: 'ConditionalCheckFailedException' });
  });

  it('refuses what dynalite does not know, without falling over', async () => {
    const transaction = client.send(new TransactWriteItemsCommand({ TransactItems: [] }));
    await expect(transaction).rejects.toMatchObject({ name: 'UnknownOperationException' });
    await client.send(new GetItemCommand({ TableName: 'clips', Key }));
  });

  it('asks for the permission on table and index', async () => {
    const asked: string[] = [];
    allowed = (action, resource) => {
      asked.push(`${action} ${resource}`);
      return false;
    };
    await expect(
      client.send(new GetItemCommand({ TableName: 'clips', Key })),
    ).rejects.toMatchObject({ name: 'AccessDeniedException' });
    await expect(
      client.send(new QueryCommand({ TableName: 'clips', IndexName: 'GSI1' })),
    ).rejects.toMatchObject({ name: 'AccessDeniedException' });
    const table = 'arn:aws:dynamodb:us-east-1:000000000000:table/clips';
    expect(asked).toEqual([`dynamodb:GetItem ${table}`, `dynamodb:Query ${table}/index/GSI1`]);
  });

  it('keeps its items over a restart', async () => {
    await client.send(new PutItemCommand({ TableName: 'clips', Item: Key }));
    await stop();
    await start();
    await dynamo.createTable(clips);
    const { Item } = await client.send(new GetItemCommand({ TableName: 'clips', Key }));
    expect(Item).toEqual(Key);
  });

  it('says so when the template’s keys are no longer those of the stored table', async () => {
    const withoutIndex = {
      ...clips,
      AttributeDefinitions: clips.AttributeDefinitions.slice(0, 2),
      GlobalSecondaryIndexes: [],
    };
    await expect(dynamo.createTable(withoutIndex)).rejects.toMatchObject({
      code: 'StateDirOutdated',
    });
  });
});
