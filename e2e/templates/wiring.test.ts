import { beforeAll, describe, expect, it } from 'vitest';
import { ACCOUNT_ID, type PackagedStacks, packagedStacks, REGION } from './packaged-stacks.ts';

interface Rule {
  EventBusName?: string;
  Name: string;
  /** Absent where there is a schedule instead. */
  EventPattern?: { source?: unknown[]; 'detail-type'?: unknown[]; detail?: unknown };
  ScheduleExpression?: string;
  Targets: {
    Arn: string;
    RetryPolicy?: { MaximumRetryAttempts: number; MaximumEventAgeInSeconds: number };
    DeadLetterConfig?: { Arn: string };
  }[];
}

let packaged: PackagedStacks;
let rules: { arn: string; properties: Rule }[];

beforeAll(async () => {
  packaged = await packagedStacks();
  rules = packaged.resources('AWS::Events::Rule').map(({ attributes, properties }) => ({
    arn: attributes.Arn as string,
    properties: properties as unknown as Rule,
  }));
});

/** The pattern of a rule for new objects of the bucket. */
const createdBelow = (wildcard: string) => ({
  source: ['aws.s3'],
  'detail-type': ['Object Created'],
  detail: { bucket: { name: [shared('BucketName')] }, object: { key: [{ wildcard }] } },
});

const shared = (output: string) => packaged.stacks.get('shared')?.outputs.get(output);

describe('the bus', () => {
  it('exists once, whichever service names it', () => {
    const buses = packaged.resources('AWS::Events::EventBus');
    expect(buses.map(({ ref }) => ref)).toEqual(['splicebus-dev']);
  });

  it('is the bus of every rule but those that hear S3 and the clock', () => {
    const others = rules.filter(({ properties }) => properties.EventBusName !== 'splicebus-dev');
    expect(
      others.map(({ properties }) => properties.EventPattern ?? properties.ScheduleExpression),
    ).toEqual([
      createdBelow('*/recommendations/*.json'),
      createdBelow('*/clips/*/clip.mp4'),
      'rate(5 minutes)',
    ]);
  });
});

describe('every rule', () => {
  it('says whose events it takes, and which of them unless it takes all', () => {
    const patterns = rules.flatMap(({ properties }) => properties.EventPattern ?? []);
    expect(patterns).toHaveLength(15);
    const all = patterns.filter((pattern) => !pattern['detail-type']);
    expect(all).toEqual([{ source: [{ prefix: 'nullcheck.clips.' }] }]);
    for (const { source } of patterns) expect(source?.length).toBeGreaterThan(0);
  });

  it('retries, then hands over to the dead-letter queue', () => {
    const queueArn = shared('DeadLetterQueueArn');
    for (const { properties } of rules) {
      for (const target of properties.Targets) {
        expect(target.RetryPolicy?.MaximumRetryAttempts, properties.Name).toBeGreaterThan(0);
        expect(target.RetryPolicy?.MaximumEventAgeInSeconds, properties.Name).toBeGreaterThan(0);
        expect(target.DeadLetterConfig, properties.Name).toEqual({ Arn: queueArn });
      }
    }
  });

  it('may invoke its function: the permission names exactly its ARN', () => {
    const allowed = packaged
      .resources('AWS::Lambda::Permission')
      .filter(({ properties }) => properties.Principal === 'events.amazonaws.com')
      .map(({ properties }) => `${properties.SourceArn} → ${properties.FunctionName}`);
    const needed = rules.flatMap(({ arn, properties }) =>
      properties.Targets.filter((target) => target.Arn.includes(':function:')).map(
        (target) => `${arn} → ${target.Arn}`,
      ),
    );
    expect(allowed.sort()).toEqual(needed.sort());
  });

  it('may tell the topic, and nobody else may but the alarms', () => {
    const [policy] = packaged.resources('AWS::SNS::TopicPolicy');
    const topicRules = rules.filter(({ properties }) =>
      properties.Targets.some(({ Arn }) => Arn === shared('TopicArn')),
    );
    expect(topicRules).toHaveLength(2);
    expect(policy?.properties.PolicyDocument).toMatchObject({
      Statement: [
        { Effect: 'Allow', Principal: { Service: 'cloudwatch.amazonaws.com' } },
        {
          Effect: 'Allow',
          Principal: { Service: 'events.amazonaws.com' },
          Action: 'sns:Publish',
          Resource: shared('TopicArn'),
        },
        { Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
      ],
    });
    for (const { arn } of topicRules) expect(arn).toContain(':rule/splicebus-dev/');
  });

  it('may send to the dead-letter queue: its ARN matches the queue policy', () => {
    const prefix = `arn:aws:events:${REGION}:${ACCOUNT_ID}:rule`;
    const [policy] = packaged.resources('AWS::SQS::QueuePolicy');
    expect(policy?.properties.PolicyDocument).toMatchObject({
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Service: 'events.amazonaws.com' },
          Action: 'sqs:SendMessage',
          Resource: shared('DeadLetterQueueArn'),
          Condition: {
            ArnLike: {
              'aws:SourceArn': [`${prefix}/splicebus-dev/*`, `${prefix}/splicebus-dev-*`],
            },
          },
        },
        { Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
      ],
    });
    for (const { arn } of rules) {
      expect(arn).toMatch(/^arn:aws:events:us-east-1:123456789012:rule\/splicebus-dev[/-]/);
    }
  });
});

describe('failures of the handlers of failures', () => {
  it('are not handed to them again', () => {
    const rule = rules.find(({ properties }) => properties.EventPattern?.source?.[0] === 'lambda');
    const patterns = JSON.stringify(rule?.properties.EventPattern?.detail);
    expect(patterns).toContain('splicebus-status-dev-clipEvent');
    expect(patterns).not.toMatch(/splicebus-status-dev-(\*|invocationFailed|undeliverableEvent)/);
  });
});

describe('alarms', () => {
  it.each(['invocationFailed', 'undeliverableEvent', 'overdueExecutions'])(
    'tell people of errors of %s, which nothing else hears of',
    (name) => {
      const functionName = `splicebus-status-dev-${name}`;
      const alarms = packaged
        .resources('AWS::CloudWatch::Alarm')
        .filter(({ properties }) => JSON.stringify(properties.Dimensions).includes(functionName));
      expect(alarms.map(({ properties }) => properties)).toMatchObject([
        {
          ...{ Namespace: 'AWS/Lambda', MetricName: 'Errors', Statistic: 'Sum', Threshold: 0 },
          ComparisonOperator: 'GreaterThanThreshold',
          Dimensions: [{ Name: 'FunctionName', Value: functionName }],
          AlarmActions: [shared('TopicArn')],
        },
      ]);
    },
  );
});

describe('dead letters', () => {
  it('have a consumer that reports the failure of single messages', () => {
    const [mapping, ...others] = packaged.resources('AWS::Lambda::EventSourceMapping');
    expect(others).toEqual([]);
    expect(mapping?.properties).toMatchObject({
      EventSourceArn: shared('DeadLetterQueueArn'),
      FunctionName: expect.stringContaining('undeliverableEvent'),
      BatchSize: 10,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
  });
});
