import type { LoadedResource } from '../../cloudformation/template.ts';
import { parsePolicy } from '../../iam/policy.ts';
import { propertiesOf } from '../properties.ts';
import { ACCOUNT_ID, REGION, type Services } from '../services.ts';

/** `AWS::IAM::Role` */
export function createRole(resource: LoadedResource, { iam }: Services): void {
  const properties = propertiesOf(resource);
  properties.refuse(['PermissionsBoundary']);
  iam.addRole({
    arn: resource.attributes.Arn as string,
    name: resource.ref,
    assumeRolePolicy: properties.object('AssumeRolePolicyDocument'),
    policies: new Map(
      properties
        .objects('Policies')
        .map(({ PolicyName, PolicyDocument }) => [String(PolicyName), PolicyDocument]),
    ),
    managedPolicyArns: properties.texts('ManagedPolicyArns'),
  });
}

/** `AWS::S3::BucketPolicy` */
export function addBucketPolicy(resource: LoadedResource, services: Services): void {
  const bucket = propertiesOf(resource).requiredText('Bucket');
  addPolicy(resource, services, [`arn:aws:s3:::${bucket}`]);
}

/** `AWS::SQS::QueuePolicy`, which names its queues by URL. */
export function addQueuePolicy(resource: LoadedResource, services: Services): void {
  const urls = propertiesOf(resource).texts('Queues');
  const names = urls.map((url) => url.split('/').at(-1));
  addPolicy(
    resource,
    services,
    names.map((name) => `arn:aws:sqs:${REGION}:${ACCOUNT_ID}:${name}`),
  );
}

/** `AWS::SNS::TopicPolicy` */
export function addTopicPolicy(resource: LoadedResource, services: Services): void {
  addPolicy(resource, services, propertiesOf(resource).texts('Topics'));
}

/**
 * `AWS::Lambda::Permission`: a statement of the function's policy. AWS matches its `SourceArn` with
 * ArnLike.
 */
export function addPermission(resource: LoadedResource, { iam }: Services): void {
  const properties = propertiesOf(resource);
  const functionArn = functionArnOf(properties.requiredText('FunctionName'));
  const sourceArn = properties.text('SourceArn');
  const sourceAccount = properties.text('SourceAccount');
  const statement = {
    Effect: 'Allow',
    Principal: { Service: properties.requiredText('Principal') },
    Action: properties.requiredText('Action'),
    Resource: functionArn,
    Condition: {
      ...(sourceArn && { ArnLike: { 'aws:SourceArn': sourceArn } }),
      ...(sourceAccount && { StringEquals: { 'aws:SourceAccount': sourceAccount } }),
    },
  };
  const where = `${resource.stackName}.${resource.logicalId}`;
  iam.addResourcePolicy(functionArn, parsePolicy({ Statement: statement }, where));
}

/** Functions are named by name or by ARN. */
export function functionArnOf(nameOrArn: string): string {
  return nameOrArn.startsWith('arn:')
    ? nameOrArn
    : `arn:aws:lambda:${REGION}:${ACCOUNT_ID}:function:${nameOrArn}`;
}

function addPolicy(
  resource: LoadedResource,
  { iam }: Services,
  resourceArns: readonly string[],
): void {
  const where = `${resource.stackName}.${resource.logicalId}`;
  const statements = parsePolicy(propertiesOf(resource).object('PolicyDocument'), where);
  for (const arn of resourceArns) iam.addResourcePolicy(arn, statements);
}
