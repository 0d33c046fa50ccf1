import { beforeAll, describe, expect, it } from 'vitest';
import { CloudFormationSchema } from './cloudformation-schema.ts';
import { type PackagedStacks, packagedStacks } from './packaged-stacks.ts';

let schema: CloudFormationSchema;
let packaged: PackagedStacks;

beforeAll(async () => {
  schema = await CloudFormationSchema.load();
  packaged = await packagedStacks();
});

describe('the packaged templates', () => {
  it('follow the CloudFormation schema in every resource', () => {
    const problems = [...packaged.templates].flatMap(([service, { Resources }]) =>
      Object.entries(Resources).flatMap(([logicalId, { Type, Properties }]) =>
        schema.problems(Type, Properties).map((problem) => `${service}.${logicalId}: ${problem}`),
      ),
    );
    expect(problems).toEqual([]);
  });

  it('import nothing that no template exports', () => {
    const exports = new Set([...packaged.stacks.values()].flatMap((s) => [...s.exports.keys()]));
    const imports = [
      ...JSON.stringify([...packaged.templates.values()]).matchAll(/"Fn::ImportValue":"([^"]+)"/g),
    ].map(([, name]) => name);
    expect(imports).not.toEqual([]);
    expect(imports.filter((name) => !exports.has(name as string))).toEqual([]);
  });
});

describe('the schema check', () => {
  it.each([
    ['an unknown type', 'AWS::Events::Buss', {}, 'CloudFormation knows no resource type'],
    ['an unknown property', 'AWS::Events::EventBus', { Name: 'a', Nmae: 'b' }, '.Nmae is unknown'],
    ['a missing property', 'AWS::Events::EventBus', {}, '.Name is missing'],
    ['a wrong primitive', 'AWS::SQS::Queue', { DelaySeconds: '5' }, '.DelaySeconds must be'],
    [
      'an unknown property further down',
      'AWS::Events::Rule',
      { Targets: [{ Id: 'a', Arn: { Ref: 'F' }, RetryPolicy: { MaximumRetries: 1 } }] },
      '.Targets[0].RetryPolicy.MaximumRetries is unknown',
    ],
    [
      'a missing property further down',
      'AWS::Events::Rule',
      { Targets: [{ Id: 'a' }] },
      '.Targets[0].Arn is missing',
    ],
  ])('finds %s', (_what, type, properties, problem) => {
    expect(schema.problems(type, properties)).toEqual([expect.stringContaining(problem)]);
  });
});
