// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Fn::Sub writes its variables so
import { describe, expect, it } from 'vitest';
import { loadStack } from './load-stack.ts';
import type { StackEnvironment, Template } from './template.ts';

const environment: StackEnvironment = {
  accountId: '000000000000',
  region: 'us-east-1',
  endpointUrl: 'http://127.0.0.1:4566',
  ssmParameters: { '/layer': 'arn:layer' },
};

const load = (template: Template, parameters: Record<string, string> = {}) =>
  loadStack({ name: 'demo', template, parameters }, environment, (name) => `import-${name}`);

describe('loadStack', () => {
  it('puts each resource behind what it refers to or depends on', () => {
    const { resources } = load({
      Resources: {
        Rule: {
          Type: 'AWS::Events::Rule',
          DependsOn: ['Permission'],
          Properties: { EventBusName: { Ref: 'Bus' }, Target: { 'Fn::GetAtt': ['Fn', 'Arn'] } },
        },
        Permission: { Type: 'AWS::Lambda::Permission' },
        Fn: { Type: 'AWS::Lambda::Function', Properties: { FunctionName: 'cut' } },
        Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: 'bus' } },
      },
    });
    expect(resources.map(({ logicalId }) => logicalId)).toEqual([
      'Permission',
      'Bus',
      'Fn',
      'Rule',
    ]);
    expect(resources[3]).toMatchObject({
      ref: 'bus|demo-Rule',
      attributes: { Arn: 'arn:aws:events:us-east-1:000000000000:rule/bus/demo-Rule' },
      properties: {
        EventBusName: 'bus',
        Target: 'arn:aws:lambda:us-east-1:000000000000:function:cut',
      },
    });
  });

  it.each([
    ['AWS::S3::Bucket', 'demo-x', { Arn: 'arn:aws:s3:::demo-x' }],
    ['AWS::SQS::Queue', 'http://127.0.0.1:4566/000000000000/demo-X', { QueueName: 'demo-X' }],
    ['AWS::SNS::Topic', 'arn:aws:sns:us-east-1:000000000000:demo-X', { TopicName: 'demo-X' }],
    [
      'AWS::DynamoDB::Table',
      'demo-X',
      { Arn: 'arn:aws:dynamodb:us-east-1:000000000000:table/demo-X' },
    ],
    ['AWS::IAM::Role', 'demo-X', { Arn: 'arn:aws:iam::000000000000:role/demo-X' }],
    ['AWS::Events::Archive', 'demo-X', { ArchiveName: 'demo-X' }],
    ['AWS::KMS::Key', 'demo-X', { Arn: 'arn:aws:kms:us-east-1:000000000000:key/demo-X' }],
  ])('names an unnamed %s after stack and logical id', (Type, ref, attributes) => {
    const { resources } = load({ Resources: { X: { Type } } });
    expect(resources[0]).toMatchObject({ ref, attributes });
  });

  it('takes parameters: given, default, or from SSM', () => {
    const template: Template = {
      Parameters: {
        Given: { Type: 'String', Default: 'default' },
        Defaulted: { Type: 'Number', Default: 5 },
        Layer: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/layer' },
      },
      Resources: {},
      Outputs: {
        All: { Value: { 'Fn::Sub': '${Given} ${Defaulted} ${Layer} ${AWS::StackName}' } },
      },
    };
    expect(load(template, { Given: 'given' }).outputs.get('All')).toBe('given 5 arn:layer demo');
  });

  it('leaves out what its condition excludes', () => {
    const { resources, outputs } = load({
      Conditions: { Prod: { 'Fn::Equals': ['dev', 'prod'] } },
      Resources: {
        A: { Type: 'AWS::SNS::Topic', Condition: 'Prod' },
        B: { Type: 'AWS::SNS::Topic', DependsOn: 'A' },
      },
      Outputs: { A: { Value: { Ref: 'A' }, Condition: 'Prod' } },
    });
    expect(resources.map(({ logicalId }) => logicalId)).toEqual(['B']);
    expect(outputs.size).toBe(0);
  });

  it.each<[string, Template, string]>([
    [
      'an unknown type',
      { Resources: { X: { Type: 'AWS::EC2::Instance' } } },
      'demo.X: the embedded stack does not know the resource type AWS::EC2::Instance',
    ],
    [
      'a dangling Ref',
      { Resources: { X: { Type: 'AWS::SNS::Topic', Properties: { a: { Ref: 'Gone' } } } } },
      'demo.X: there is no Gone',
    ],
    [
      'an unknown attribute',
      {
        Resources: { X: { Type: 'AWS::SNS::Topic' } },
        Outputs: { O: { Value: { 'Fn::GetAtt': ['X', 'constructor'] } } },
      },
      'demo.O: the embedded stack knows no attribute constructor of X',
    ],
    [
      'a circle',
      {
        Resources: {
          A: { Type: 'AWS::SNS::Topic', DependsOn: 'B' },
          B: { Type: 'AWS::SNS::Topic', Properties: { a: { Ref: 'A' } } },
        },
      },
      'A → B → A is a circle',
    ],
    [
      'a missing parameter',
      {
        Parameters: { P: { Type: 'String' } },
        Resources: { X: { Type: 'AWS::SNS::Topic', Properties: { a: { Ref: 'P' } } } },
      },
      'demo.P: the parameter has no value',
    ],
    [
      'a missing SSM parameter',
      { Resources: { X: { Type: 'AWS::SNS::Topic', Properties: { a: '{{resolve:ssm:/gone}}' } } } },
      'no value for the SSM parameter /gone',
    ],
    [
      'a missing condition',
      { Resources: { X: { Type: 'AWS::SNS::Topic', Condition: 'Gone' } } },
      'there is no condition Gone',
    ],
    [
      'a transform',
      { Transform: 'AWS::Serverless-2016-10-31', Resources: {} },
      'templates with a Transform need AWS',
    ],
  ])('refuses %s', (_name, template, message) => {
    expect(() => load(template)).toThrow(message);
  });
});
