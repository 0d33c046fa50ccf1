import type { LoadedResource } from '../../cloudformation/template.ts';
import type { TableDefinition } from '../../dynamodb/table-definition.ts';
import type { CorsRule } from '../../s3/index.ts';
import type { QueueConfig } from '../../sqs/queue.ts';
import { type PropertyReader, propertiesOf } from '../properties.ts';
import type { Services } from '../services.ts';

/** `AWS::S3::Bucket`: of its settings only the events to EventBridge and CORS show locally. */
export async function createBucket(resource: LoadedResource, { s3 }: Services): Promise<void> {
  const notifications = propertiesOf(resource).object('NotificationConfiguration') ?? {};
  propertiesOf({ ...resource, properties: notifications }).refuse([
    'LambdaConfigurations',
    'QueueConfigurations',
    'TopicConfigurations',
  ]);
  const configuration = notifications.EventBridgeConfiguration as
    | { EventBridgeEnabled?: boolean | string }
    | undefined;
  const enabled = configuration?.EventBridgeEnabled ?? configuration !== undefined;
  const cors = propertiesOf(resource).nested('CorsConfiguration').objects('CorsRules');
  await s3.createBucket(resource.ref, {
    eventBridge: String(enabled) === 'true',
    cors: cors.map((properties) => corsRuleOf(propertiesOf({ ...resource, properties }))),
  });
}

const corsRuleOf = (rule: PropertyReader): CorsRule => ({
  allowedOrigins: rule.texts('AllowedOrigins'),
  allowedMethods: rule.texts('AllowedMethods'),
  allowedHeaders: rule.texts('AllowedHeaders'),
  exposedHeaders: rule.texts('ExposedHeaders'),
  maxAgeSeconds: rule.number('MaxAge'),
});

/** `AWS::DynamoDB::Table` */
export async function createTable(resource: LoadedResource, { dynamodb }: Services) {
  const definition = { ...resource.properties, TableName: resource.ref };
  await dynamodb.createTable(definition as unknown as TableDefinition);
}

/** `AWS::SQS::Queue`, with the defaults of AWS. */
export function createQueue(resource: LoadedResource, { sqs }: Services): void {
  const properties = propertiesOf(resource);
  properties.refuse(['FifoQueue', 'ContentBasedDeduplication']);
  sqs.createQueue({
    name: resource.attributes.QueueName as string,
    arn: resource.attributes.Arn as string,
    url: resource.ref,
    visibilityTimeoutSeconds: properties.number('VisibilityTimeout') ?? 30,
    retentionSeconds: properties.number('MessageRetentionPeriod') ?? 4 * 24 * 60 * 60,
    delaySeconds: properties.number('DelaySeconds') ?? 0,
    receiveWaitSeconds: properties.number('ReceiveMessageWaitTimeSeconds') ?? 0,
    redrive: redriveOf(properties.object('RedrivePolicy')),
  });
}

function redriveOf(policy: LoadedResource['properties'] | undefined): QueueConfig['redrive'] {
  return (
    policy && {
      deadLetterTargetArn: String(policy.deadLetterTargetArn),
      maxReceiveCount: Number(policy.maxReceiveCount),
    }
  );
}

/** A message that is moved must not vanish: every redrive target must be a queue of the templates. */
export function checkRedrive(resource: LoadedResource, { sqs }: Services): void {
  const properties = propertiesOf(resource);
  const target = redriveOf(properties.object('RedrivePolicy'))?.deadLetterTargetArn;
  if (target !== undefined && !sqs.queueByArn(target)) {
    throw properties.invalid(`RedrivePolicy names ${target}, which is no queue of the templates.`);
  }
}

/** `AWS::SNS::Topic` */
export function createTopic(resource: LoadedResource, { sns }: Services): void {
  propertiesOf(resource).refuse(['FifoTopic', 'Subscription']);
  sns.createTopic(resource.ref);
}

/** What reaches people, not programs: the stack shows every notification instead of sending it. */
const shownInstead = new Set(['email', 'email-json', 'sms', 'http', 'https']);

/** `AWS::SNS::Subscription` */
export function subscribe(resource: LoadedResource, { sns }: Services): void {
  const properties = propertiesOf(resource);
  properties.refuse(['FilterPolicy']);
  const protocol = properties.requiredText('Protocol');
  if (shownInstead.has(protocol)) return;
  if (protocol !== 'sqs') {
    throw properties.invalid(`the embedded stack has no subscriptions by ${protocol}.`);
  }
  sns.subscribe({
    topicArn: properties.requiredText('TopicArn'),
    queueArn: properties.requiredText('Endpoint'),
    rawDelivery: properties.flag('RawMessageDelivery'),
  });
}
