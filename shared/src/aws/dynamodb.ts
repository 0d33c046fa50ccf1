import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { tracer } from '../observability/telemetry.ts';
import { clientConfig } from './client-config.ts';

export const dynamodb = DynamoDBDocumentClient.from(
  tracer.captureAWSv3Client(new DynamoDBClient(clientConfig)),
  { marshallOptions: { removeUndefinedValues: true } },
);
