import type { LoadedResource, LoadedStack } from '../cloudformation/template.ts';
import type { EventSourceMapping } from '../sqs/event-source-mapping.ts';
import type { Cleanup } from './cleanup.ts';
import {
  addBucketPolicy,
  addPermission,
  addQueuePolicy,
  addTopicPolicy,
  createRole,
} from './resources/access.ts';
import { startMapping } from './resources/event-sources.ts';
import { createArchive, createEventBus, putRule } from './resources/events.ts';
import { type CodeDirectory, functionConfig, invokeConfigs } from './resources/functions.ts';
import { serveHttpApi } from './resources/http-api.ts';
import {
  checkRedrive,
  createBucket,
  createQueue,
  createTable,
  createTopic,
  subscribe,
} from './resources/storage.ts';
import type { Services } from './services.ts';

type Create = (resource: LoadedResource, services: Services) => Promise<unknown> | unknown;

/**
 * What is created before any function exists, type by type in this order. Functions come last: those
 * with events queued by an earlier run begin at once, and must find all that they touch, the rules
 * included, or what they publish would reach nobody.
 */
const order: readonly (readonly [type: string, create: Create])[] = [
  ['AWS::IAM::Role', createRole],
  ['AWS::DynamoDB::Table', createTable],
  ['AWS::S3::Bucket', createBucket],
  ['AWS::SQS::Queue', createQueue],
  ['AWS::SQS::Queue', checkRedrive],
  ['AWS::SNS::Topic', createTopic],
  ['AWS::S3::BucketPolicy', addBucketPolicy],
  ['AWS::SQS::QueuePolicy', addQueuePolicy],
  ['AWS::SNS::TopicPolicy', addTopicPolicy],
  ['AWS::Lambda::Permission', addPermission],
  ['AWS::SNS::Subscription', subscribe],
  ['AWS::Events::EventBus', createEventBus],
  ['AWS::Events::Archive', createArchive],
  ['AWS::Events::Rule', putRule],
];

/** The framework's own bucket for uploading artifacts: nothing is uploaded here. */
const DEPLOYMENT_BUCKET = 'ServerlessDeploymentBucket';

/**
 * Creates the resources of all templates.
 * @param cleanup Stops the pollers, also those that were started before one could not be.
 * @returns the pollers of the queues
 * @throws BootError where creating a resource would fail in AWS
 */
export async function deploy(
  stacks: readonly LoadedStack[],
  services: Services,
  codeDirectory: CodeDirectory,
  cleanup: Cleanup,
): Promise<EventSourceMapping[]> {
  const resources = stacks
    .flatMap((stack) => stack.resources)
    .filter(({ logicalId }) => logicalId !== DEPLOYMENT_BUCKET);
  const ofType = (type: string) => resources.filter((resource) => resource.type === type);

  for (const [type, create] of order) {
    for (const resource of ofType(type)) await create(resource, services);
  }

  const functions = ofType('AWS::Lambda::Function');
  const configs = invokeConfigs(resources);
  const prepared = await Promise.all(
    functions.map((resource) => functionConfig(resource, configs, codeDirectory, services)),
  );
  // Without a pause in between: the first one's queued event may already lead to the last one.
  for (const config of prepared) services.lambda.register(config);
  serveHttpApi(resources, services);

  const roles = new Map(
    functions.map(({ attributes, properties }) => [
      String(attributes.Arn),
      String(properties.Role),
    ]),
  );
  return ofType('AWS::Lambda::EventSourceMapping').flatMap((resource) => {
    const mapping = startMapping(resource, roles, services);
    if (!mapping) return [];
    cleanup.add(mapping.close);
    return [mapping];
  });
}
