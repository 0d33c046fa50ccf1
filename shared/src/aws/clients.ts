import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { ConfiguredRetryStrategy } from '@smithy/core/retry';
import { tracer } from '../observability/telemetry.ts';
import { MAX_RETRIES, retryDelayMs } from './retry.ts';

const config = {
  retryStrategy: new ConfiguredRetryStrategy(MAX_RETRIES, retryDelayMs),
  // A connection that hangs must fail within the 30 s that the small functions have.
  requestHandler: { connectionTimeout: 3_000, socketTimeout: 20_000 },
};

export const s3 = tracer.captureAWSv3Client(new S3Client(config));

export const dynamodb = DynamoDBDocumentClient.from(
  tracer.captureAWSv3Client(new DynamoDBClient(config)),
  { marshallOptions: { removeUndefinedValues: true } },
);

export const eventBridge = tracer.captureAWSv3Client(new EventBridgeClient(config));
