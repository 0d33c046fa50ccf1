import { createHash } from 'node:crypto';
import type { StackEnvironment, TemplateObject } from './template.ts';

/** What a resource's own properties say about its names, before it exists. */
export interface Identity {
  readonly ref: string;
  readonly attributes: Readonly<Record<string, string>>;
}

interface Naming {
  readonly properties: TemplateObject;
  /** A name for resources that declare none: `stack-LogicalId`, the same at every start. */
  readonly generated: string;
  readonly environment: StackEnvironment;
}

type Identify = (naming: Naming) => Identity;

/** The resource types the stack builds, each with what `Ref` and `Fn::GetAtt` give for it. */
const built: Readonly<Record<string, Identify>> = {
  'AWS::ApiGatewayV2::Api': ({ generated, environment }) => {
    const { region, apiUrl } = environment;
    const apiId = generatedId(generated);
    const ApiEndpoint = apiUrl ?? `https://${apiId}.execute-api.${region}.amazonaws.com`;
    return { ref: apiId, attributes: { ApiId: apiId, ApiEndpoint } };
  },
  'AWS::ApiGatewayV2::Authorizer': ({ generated }) => {
    const id = generatedId(generated);
    return { ref: id, attributes: { AuthorizerId: id } };
  },
  'AWS::ApiGatewayV2::Integration': byGeneratedId,
  'AWS::ApiGatewayV2::Route': byGeneratedId,
  'AWS::ApiGatewayV2::Stage': ({ properties, generated }) => ({
    ref: named(properties.StageName, generated),
    attributes: {},
  }),
  'AWS::DynamoDB::Table': ({ properties, generated, environment }) => {
    const name = named(properties.TableName, generated);
    return { ref: name, attributes: { Arn: arn(environment, 'dynamodb', `table/${name}`) } };
  },
  'AWS::Events::Archive': ({ properties, generated, environment }) => {
    const name = named(properties.ArchiveName, generated);
    const archiveArn = arn(environment, 'events', `archive/${name}`);
    return { ref: name, attributes: { Arn: archiveArn, ArchiveName: name } };
  },
  'AWS::Events::EventBus': ({ properties, generated, environment }) => {
    const name = named(properties.Name, generated);
    const busArn = arn(environment, 'events', `event-bus/${name}`);
    return { ref: name, attributes: { Arn: busArn, Name: name } };
  },
  'AWS::Events::Rule': ({ properties, generated, environment }) => {
    const name = named(properties.Name, generated);
    const bus = busNameOf(properties.EventBusName);
    const path = bus === 'default' ? name : `${bus}/${name}`;
    return {
      ref: bus === 'default' ? name : `${bus}|${name}`,
      attributes: { Arn: arn(environment, 'events', `rule/${path}`) },
    };
  },
  'AWS::IAM::Role': ({ properties, generated, environment }) => {
    const name = named(properties.RoleName, generated);
    const path = named(properties.Path, '/');
    return {
      ref: name,
      attributes: { Arn: `arn:aws:iam::${environment.accountId}:role${path}${name}`, RoleId: name },
    };
  },
  'AWS::Lambda::EventInvokeConfig': byLogicalId,
  'AWS::Lambda::EventSourceMapping': byLogicalId,
  'AWS::Lambda::Function': ({ properties, generated, environment }) => {
    const name = named(properties.FunctionName, generated);
    return { ref: name, attributes: { Arn: arn(environment, 'lambda', `function:${name}`) } };
  },
  'AWS::Lambda::Permission': byLogicalId,
  'AWS::S3::Bucket': ({ properties, generated }) => {
    const name = named(properties.BucketName, generated.toLowerCase());
    return {
      ref: name,
      attributes: { Arn: `arn:aws:s3:::${name}`, DomainName: `${name}.s3.amazonaws.com` },
    };
  },
  'AWS::S3::BucketPolicy': byLogicalId,
  'AWS::SNS::Subscription': byLogicalId,
  'AWS::SNS::Topic': ({ properties, generated, environment }) => {
    const name = named(properties.TopicName, generated);
    const topicArn = arn(environment, 'sns', name);
    return { ref: topicArn, attributes: { TopicArn: topicArn, TopicName: name } };
  },
  'AWS::SNS::TopicPolicy': byLogicalId,
  'AWS::SQS::Queue': ({ properties, generated, environment }) => {
    const name = named(properties.QueueName, generated);
    const url = `${environment.endpointUrl}/${environment.accountId}/${name}`;
    const queueArn = arn(environment, 'sqs', name);
    return { ref: url, attributes: { Arn: queueArn, QueueName: name, QueueUrl: url } };
  },
  'AWS::SQS::QueuePolicy': byLogicalId,
};

/** The types the stack knowingly does not build, each with the reason; others may still refer to them. */
const ignored: Readonly<Record<string, { readonly reason: string; readonly identify: Identify }>> =
  {
    'AWS::CloudWatch::Alarm': {
      reason: 'metrics are not collected locally',
      identify: ({ properties, generated, environment }) => {
        const name = named(properties.AlarmName, generated);
        return { ref: name, attributes: { Arn: arn(environment, 'cloudwatch', `alarm:${name}`) } };
      },
    },
    'AWS::CloudWatch::Dashboard': {
      reason: 'metrics are not collected locally',
      identify: ({ properties, generated }) => ({
        ref: named(properties.DashboardName, generated),
        attributes: {},
      }),
    },
    'AWS::KMS::Key': {
      reason: 'the files under the state directory are not encrypted',
      identify: ({ generated, environment }) => ({
        ref: generated,
        attributes: { Arn: arn(environment, 'kms', `key/${generated}`), KeyId: generated },
      }),
    },
    'AWS::Lambda::LayerVersion': {
      reason: 'what a layer brings to Lambda, the host brings locally',
      identify: ({ properties, generated, environment }) => {
        const layerArn = arn(
          environment,
          'lambda',
          `layer:${named(properties.LayerName, generated)}:1`,
        );
        return { ref: layerArn, attributes: { LayerVersionArn: layerArn } };
      },
    },
    'AWS::Lambda::Version': {
      reason: 'the packaged code is the only version',
      identify: ({ properties }) => ({
        ref: `${named(properties.FunctionName, '')}:1`,
        attributes: { Version: '1' },
      }),
    },
    'AWS::Logs::LogGroup': {
      reason: 'logs are kept in files, without end',
      identify: ({ properties, generated, environment }) => {
        const name = named(properties.LogGroupName, generated);
        return { ref: name, attributes: { Arn: arn(environment, 'logs', `log-group:${name}:*`) } };
      },
    },
    'AWS::XRay::Group': { reason: 'traces are kept as files', identify: byLogicalId },
    'AWS::XRay::SamplingRule': { reason: 'every trace is kept', identify: byLogicalId },
  };

/** The names of a resource; `undefined` when the stack knows nothing of its type. */
export function identifyResource(type: string, naming: Naming): Identity | undefined {
  const identify = Object.hasOwn(built, type) ? built[type] : ignoredType(type)?.identify;
  return identify?.(naming);
}

/** Why resources of this type are left out; `undefined` when they are built (or unknown). */
export function ignoredReason(type: string): string | undefined {
  return ignoredType(type)?.reason;
}

function ignoredType(type: string) {
  return Object.hasOwn(ignored, type) ? ignored[type] : undefined;
}

/** A rule names its bus, or gives its ARN. */
export function busNameOf(value: unknown): string {
  return typeof value === 'string' ? (value.split(':event-bus/').at(-1) as string) : 'default';
}

function byLogicalId({ generated }: Naming): Identity {
  return { ref: generated, attributes: {} };
}

function byGeneratedId({ generated }: Naming): Identity {
  return { ref: generatedId(generated), attributes: {} };
}

/** Ten letters and digits, as API Gateway makes its ids; the same at every start. */
function generatedId(generated: string): string {
  const hash = createHash('sha256').update(generated).digest('hex');
  return BigInt(`0x${hash}`).toString(36).slice(0, 10);
}

function named(value: unknown, fallback: string): string {
  return typeof value === 'string' ? value : fallback;
}

function arn({ region, accountId }: StackEnvironment, service: string, resource: string): string {
  return `arn:aws:${service}:${region}:${accountId}:${resource}`;
}
