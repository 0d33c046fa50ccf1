import type { ResourceTemplate, Template, TemplateValue } from '../../cloudformation/template.ts';

export type Resources = Record<string, ResourceTemplate>;

const at = (logicalId: string) => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });
const imported = (name: string) => ({ 'Fn::ImportValue': `splicebus-dev-${name}` });
const allow = (Action: string[], Resource: TemplateValue) => ({
  Effect: 'Allow',
  Action,
  Resource,
});

const queuePolicy = (queue: string): ResourceTemplate => ({
  Type: 'AWS::SQS::QueuePolicy',
  Properties: {
    Queues: [{ Ref: queue }],
    PolicyDocument: {
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Service: 'events.amazonaws.com' },
          Action: 'sqs:SendMessage',
          Resource: at(queue),
          Condition: { ArnLike: { 'aws:SourceArn': 'arn:aws:events:*:*:rule/splicebus-dev/*' } },
        },
      ],
    },
  },
});

const output = (Name: string, Value: TemplateValue) => ({
  [Name]: { Value, Export: { Name: `splicebus-dev-${Name}` } },
});

/** Bus, table, bucket, queues and topic. */
export function sharedTemplate(): Template {
  return {
    Resources: {
      Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: 'splicebus-dev' } },
      Archive: { Type: 'AWS::Events::Archive', Properties: { SourceArn: at('Bus') } },
      Table: {
        Type: 'AWS::DynamoDB::Table',
        Properties: {
          TableName: 'splicebus-dev',
          BillingMode: 'PAY_PER_REQUEST',
          KeySchema: [
            { AttributeName: 'pk', KeyType: 'HASH' },
            { AttributeName: 'sk', KeyType: 'RANGE' },
          ],
          AttributeDefinitions: [
            { AttributeName: 'pk', AttributeType: 'S' },
            { AttributeName: 'sk', AttributeType: 'S' },
          ],
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        },
      },
      Bucket: {
        Type: 'AWS::S3::Bucket',
        Properties: {
          BucketName: 'splicebus-dev-media',
          NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } },
        },
      },
      DeadLetters: { Type: 'AWS::SQS::Queue', Properties: { VisibilityTimeout: 60 } },
      DeadLettersPolicy: queuePolicy('DeadLetters'),
      Outbox: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'outbox' } },
      OutboxPolicy: queuePolicy('Outbox'),
      Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'alerts' } },
      TopicPolicy: {
        Type: 'AWS::SNS::TopicPolicy',
        Properties: {
          Topics: [{ Ref: 'Topic' }],
          PolicyDocument: {
            Statement: [
              {
                Effect: 'Allow',
                Principal: { Service: 'events.amazonaws.com' },
                Action: 'sns:Publish',
                Resource: { Ref: 'Topic' },
              },
            ],
          },
        },
      },
      Alarm: { Type: 'AWS::CloudWatch::Alarm', Properties: { AlarmActions: [{ Ref: 'Topic' }] } },
    },
    Outputs: {
      ...output('BusName', { Ref: 'Bus' }),
      ...output('BusArn', at('Bus')),
      ...output('TableName', { Ref: 'Table' }),
      ...output('TableArn', at('Table')),
      ...output('BucketName', { Ref: 'Bucket' }),
      ...output('BucketArn', at('Bucket')),
      ...output('DeadLetterQueueUrl', { Ref: 'DeadLetters' }),
      ...output('DeadLetterQueueArn', at('DeadLetters')),
      ...output('OutboxArn', at('Outbox')),
      ...output('TopicArn', { Ref: 'Topic' }),
    },
  };
}

const putItem = allow(['dynamodb:PutItem'], imported('TableArn'));

/** Functions on rules, one for each thing that can happen to an event. */
export function workTemplate(): Template {
  return {
    Resources: {
      ...subscriber('Record', [
        putItem,
        allow(['s3:PutObject'], { 'Fn::Join': ['/', [imported('BucketArn'), '*']] }),
      ]),
      ...subscriber('Greedy', []),
      ...withoutPermission(subscriber('Locked', [])),
      ...subscriber('Object', [putItem], {
        EventPattern: {
          source: ['aws.s3'],
          'detail-type': ['Object Created'],
          detail: { bucket: { name: [imported('BucketName')] } },
        },
      }),
      ...lambdaFunction('Letter', [
        putItem,
        allow(
          ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
          imported('DeadLetterQueueArn'),
        ),
      ]),
      LetterMapping: {
        Type: 'AWS::Lambda::EventSourceMapping',
        Properties: {
          EventSourceArn: imported('DeadLetterQueueArn'),
          FunctionName: { Ref: 'Letter' },
          FunctionResponseTypes: ['ReportBatchItemFailures'],
        },
      },
      OutboxRule: rule('Outbox', imported('OutboxArn')),
      AlertRule: rule('Alert', imported('TopicArn')),
    },
  };
}

/** A function, the rule for the detail-type of the same name, and the permission between them. */
function subscriber(
  name: string,
  statements: TemplateValue[],
  overrides?: Record<string, TemplateValue>,
): Resources {
  return {
    ...lambdaFunction(name, statements),
    [`${name}Rule`]: rule(name, at(name), overrides),
    [`${name}Permission`]: {
      Type: 'AWS::Lambda::Permission',
      Properties: {
        FunctionName: at(name),
        Action: 'lambda:InvokeFunction',
        Principal: 'events.amazonaws.com',
        SourceArn: at(`${name}Rule`),
      },
    },
  };
}

function withoutPermission(resources: Resources): Resources {
  const isPermission = ({ Type }: ResourceTemplate) => Type === 'AWS::Lambda::Permission';
  return Object.fromEntries(Object.entries(resources).filter(([, one]) => !isPermission(one)));
}

function rule(
  name: string,
  Arn: TemplateValue,
  overrides: Record<string, TemplateValue> = {
    EventBusName: imported('BusName'),
    EventPattern: { source: ['test'], 'detail-type': [name] },
  },
): ResourceTemplate {
  return {
    Type: 'AWS::Events::Rule',
    Properties: {
      Name: `splicebus-dev-${name}`,
      Targets: [
        {
          Id: 'target',
          Arn,
          DeadLetterConfig: { Arn: imported('DeadLetterQueueArn') },
          RetryPolicy: { MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: 60 },
        },
      ],
      ...overrides,
    },
  };
}

/** A function of `handlers.cjs` with a role of its own. */
export function lambdaFunction(name: string, statements: TemplateValue[]): Resources {
  return {
    [name]: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        FunctionName: `work-${name.toLowerCase()}`,
        Handler: `handlers.${name.toLowerCase()}`,
        Code: { S3Bucket: { Ref: 'ServerlessDeploymentBucket' }, S3Key: 'deploy/123/work.zip' },
        Role: at(`${name}Role`),
        Timeout: 20,
        Environment: {
          Variables: { TABLE_NAME: imported('TableName'), BUCKET_NAME: imported('BucketName') },
        },
      },
    },
    [`${name}InvokeConfig`]: {
      Type: 'AWS::Lambda::EventInvokeConfig',
      Properties: {
        FunctionName: { Ref: name },
        Qualifier: '$LATEST',
        MaximumRetryAttempts: 1,
        DestinationConfig: { OnFailure: { Destination: imported('BusArn') } },
      },
    },
    [`${name}Role`]: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: {
          Statement: [
            {
              Effect: 'Allow',
              Principal: { Service: 'lambda.amazonaws.com' },
              Action: 'sts:AssumeRole',
            },
          ],
        },
        Policies: [
          {
            PolicyName: 'inline',
            PolicyDocument: {
              Statement: [
                allow(['logs:CreateLogStream', 'logs:PutLogEvents'], '*'),
                allow(['events:PutEvents'], imported('BusArn')),
                ...statements,
              ],
            },
          },
        ],
      },
    },
    ServerlessDeploymentBucket: { Type: 'AWS::S3::Bucket' },
  };
}
