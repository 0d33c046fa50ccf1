import { beforeAll, describe, expect, it } from 'vitest';
import type { LoadedResource } from '#local/cloudformation/template';
import { KEPT_CLIPS_PREFIX } from '#shared/keys';
import { type PackagedStacks, packagedStacks } from './packaged-stacks.ts';

interface Statement {
  Effect: string;
  Action: string | string[];
  Resource?: string | string[];
}

/** Allowed on `*`, each with the reason; anything else must name its resources. */
const ALLOWED_ON_ANYTHING: Record<string, string> = {
  'xray:PutTelemetryRecords': 'has no resource-level permissions',
  'xray:PutTraceSegments': 'has no resource-level permissions',
  'kms:*': "every key's default policy, which leaves the decision to IAM; * is that key",
  'kms:Decrypt': 'in the policy of a key, * is that key',
  'kms:GenerateDataKey': 'in the policy of a key, * is that key',
};

let packaged: PackagedStacks;
let allowed: { where: string; actions: string[]; resources: string[] }[];

beforeAll(async () => {
  packaged = await packagedStacks();
  allowed = [...packaged.stacks.values()]
    .flatMap(({ resources }) => resources)
    .flatMap((resource) => statements(resource).map((statement) => ({ resource, statement })))
    .filter(({ statement }) => statement.Effect === 'Allow')
    .map(({ resource, statement }) => ({
      where: `${resource.stackName}.${resource.logicalId}`,
      actions: [statement.Action].flat(),
      resources: [statement.Resource ?? []].flat(),
    }));
});

/** The statements of every policy document anywhere in a resource. */
function statements({ properties }: LoadedResource): Statement[] {
  const found: Statement[] = [];
  JSON.stringify(properties, (_key, value) => {
    if (Array.isArray(value?.Statement)) found.push(...value.Statement);
    return value;
  });
  return found;
}

describe('what is allowed', () => {
  it('names every action', () => {
    const wildcards = allowed.filter(({ actions }) =>
      actions.some((action) => action.includes('*') && action !== 'kms:*'),
    );
    expect(wildcards).toEqual([]);
  });

  it('names every resource, where the service can tell resources apart', () => {
    const open = allowed
      .filter(({ resources }) => resources.includes('*'))
      .flatMap(({ where, actions }) => actions.map((action) => ({ where, action })))
      .filter(({ action }) => !Object.hasOwn(ALLOWED_ON_ANYTHING, action));
    expect(open).toEqual([]);
  });
});

describe('every function', () => {
  it('has a role of its own', () => {
    const roles = packaged
      .resources('AWS::Lambda::Function')
      .map(({ properties }) => properties.Role);
    const ownArns = packaged.resources('AWS::IAM::Role').map(({ attributes }) => attributes.Arn);
    expect(new Set(roles).size).toBe(roles.length);
    expect(roles.sort()).toEqual(ownArns.sort());
  });

  it('may publish on the bus unless it only answers, and write its own log and nobody else’s', () => {
    const busArn = packaged.stacks.get('shared')?.outputs.get('BusArn');
    const isAsynchronous = (name: string) =>
      packaged
        .resources('AWS::Lambda::EventInvokeConfig')
        .some(({ properties }) => properties.FunctionName === name);
    for (const { ref, properties } of packaged.resources('AWS::Lambda::Function')) {
      const role = packaged
        .resources('AWS::IAM::Role')
        .find(({ attributes }) => attributes.Arn === properties.Role);
      const own = allowed.filter(({ where }) => where === `${role?.stackName}.${role?.logicalId}`);
      const on = (prefix: string) =>
        own
          .filter(({ actions }) => actions.some((action) => action.startsWith(prefix)))
          .flatMap(({ resources }) => resources);
      if (isAsynchronous(ref)) expect(on('events:PutEvents'), ref).toEqual([busArn]);
      expect(
        on('events:').filter((resource) => resource !== busArn),
        ref,
      ).toEqual([]);
      expect(on('logs:'), ref).toEqual([expect.stringContaining(`log-group:/aws/lambda/${ref}:*`)]);
    }
  });
});

describe('the data', () => {
  it('stays when the stack goes', () => {
    const { Resources } = packaged.templates.get('shared') ?? { Resources: {} };
    expect(Resources.Table).toMatchObject({ DeletionPolicy: 'Retain' });
    expect(Resources.Bucket).toMatchObject({ DeletionPolicy: 'Retain' });
  });

  it('is encrypted, private, recoverable, and expires where it should', () => {
    const table = packaged.resources('AWS::DynamoDB::Table')[0]?.properties;
    expect(table).toMatchObject({
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      SSESpecification: { SSEEnabled: true },
      TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
    });
    const bucket = packaged
      .resources('AWS::S3::Bucket')
      .find(({ stackName, logicalId }) => stackName === 'shared' && logicalId === 'Bucket');
    expect(bucket?.properties).toMatchObject({
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } },
      LifecycleConfiguration: {
        Rules: [
          { AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } },
          { TagFilters: [{ Key: 'splicebus', Value: 'intermediate' }], ExpirationInDays: 1 },
          {
            Prefix: KEPT_CLIPS_PREFIX,
            TagFilters: [{ Key: 'splicebus', Value: 'failed-upload' }],
            ExpirationInDays: 30,
          },
        ],
      },
    });
  });
});
