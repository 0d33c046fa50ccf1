import type { DynamoDb } from '../dynamodb/dynamodb.ts';
import type { EventBridge } from '../eventbridge/index.ts';
import type { HttpApi } from '../http-api/index.ts';
import type { Iam } from '../iam/iam.ts';
import type { LambdaService } from '../lambda/index.ts';
import type { S3Service } from '../s3/index.ts';
import type { Sns } from '../sns/sns.ts';
import type { Sqs } from '../sqs/sqs.ts';

/** Where everything is, as far as ARNs tell. */
export const ACCOUNT_ID = '000000000000';
export const REGION = 'us-east-1';

/** The running services that a template's resources are created in. */
export interface Services {
  readonly iam: Iam;
  readonly s3: S3Service;
  readonly dynamodb: DynamoDb;
  readonly sqs: Sqs;
  readonly sns: Sns;
  readonly eventbridge: EventBridge;
  readonly lambda: LambdaService;
  readonly httpApi: HttpApi;
}

/** The service of `arn:aws:SERVICE:…`. */
export function serviceOf(arn: string): string | undefined {
  return arn.split(':')[2];
}
