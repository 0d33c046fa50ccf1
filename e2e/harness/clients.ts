import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Stack } from '#local/stack/index';

/** What any program would talk to the stack with. */
export interface Clients {
  readonly s3: S3Client;
  readonly dynamodb: DynamoDBDocumentClient;
  readonly events: EventBridgeClient;
  readonly sqs: SQSClient;
}

/** Endpoint, region and credentials for an SDK client. */
export function clientConfig({ endpointUrl, region }: Stack) {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  return { endpoint: endpointUrl, region, credentials };
}

export function createClients(stack: Stack): Clients {
  const config = clientConfig(stack);
  return {
    s3: new S3Client(config),
    dynamodb: DynamoDBDocumentClient.from(new DynamoDBClient(config)),
    events: new EventBridgeClient(config),
    sqs: new SQSClient(config),
  };
}

export function destroyClients(clients: Clients): void {
  for (const client of Object.values(clients)) client.destroy();
}
