import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { vi } from 'vitest';
import { createDynamoDb } from '#local/dynamodb/dynamodb';
import { startGateway } from '#local/gateway/server';
import { createS3 } from '#local/s3/index';

const BUCKET = 'media';
const TABLE = 'clips';
const REGION = 'us-east-1';
const HOME = { accountId: '000000000000', region: REGION };

/** A bucket and a table that the code under test finds in its environment. */
export interface TestDeployment {
  bucketName: string;
  s3: S3Client;
  putObject(key: string, body: string | Uint8Array): Promise<void>;
  putItem(item: Record<string, unknown>): Promise<void>;
  /** All items of a partition, by their sort keys. */
  items(pk: string): Promise<Record<string, Record<string, unknown>>>;
  stop(): Promise<void>;
}

/** Starts both. Import the code under test after it: clients read the environment once. */
export async function startDeployment(): Promise<TestDeployment> {
  const rootDir = await mkdtemp(join(tmpdir(), 'splicebus-deployment-'));
  const objects = createS3({ rootDir, region: REGION, onObjectCreated: async () => {} });
  await objects.createBucket(BUCKET, { eventBridge: false });
  const tables = await createDynamoDb(HOME);
  await tables.createTable({
    TableName: TABLE,
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
    AttributeDefinitions: ['pk', 'sk'].map((AttributeName) => ({
      AttributeName,
      AttributeType: 'S',
    })),
  });
  const gateway = await startGateway({
    port: 0,
    services: { s3: objects, dynamodb: tables },
    judge: () => ({ allowed: true, reason: 'a test' }),
  });
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  vi.stubEnv('AWS_ENDPOINT_URL', gateway.endpointUrl);
  vi.stubEnv('AWS_REGION', REGION);
  vi.stubEnv('AWS_ACCESS_KEY_ID', credentials.accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', credentials.secretAccessKey);
  vi.stubEnv('BUCKET_NAME', BUCKET);
  vi.stubEnv('TABLE_NAME', TABLE);
  vi.resetModules();

  const config = { endpoint: gateway.endpointUrl, region: REGION, credentials };
  const s3 = new S3Client(config);
  const dynamodb = DynamoDBDocumentClient.from(new DynamoDBClient(config));
  return {
    bucketName: BUCKET,
    s3,
    async putObject(key, body) {
      await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: body }));
    },
    async putItem(item) {
      await dynamodb.send(new PutCommand({ TableName: TABLE, Item: item }));
    },
    async items(pk) {
      const { Items = [] } = await dynamodb.send(
        new QueryCommand({
          TableName: TABLE,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': pk },
          ConsistentRead: true,
        }),
      );
      return Object.fromEntries(Items.map(({ pk: _pk, sk, ...item }) => [sk, item]));
    },
    async stop() {
      vi.unstubAllEnvs();
      s3.destroy();
      dynamodb.destroy();
      await gateway.close();
      await objects.close();
      await tables.close();
      await rm(rootDir, { recursive: true, force: true });
    },
  };
}
