import { describe, expect, it } from 'vitest';
import { createIam, type RoleDefinition } from './iam.ts';
import { parsePolicy } from './policy.ts';

const accountId = '000000000000';
const bucket = 'arn:aws:s3:::media';

const role = (policy: object, overrides: Partial<RoleDefinition> = {}): RoleDefinition => ({
  arn: 'arn:aws:iam::000000000000:role/cutter',
  name: 'cutter',
  assumeRolePolicy: {
    Statement: [
      { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
    ],
  },
  policies: new Map([['inline', policy]]),
  managedPolicyArns: [],
  ...overrides,
});

const mayRead = {
  Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: `${bucket}/*` }],
};

describe('createIam', () => {
  it('judges a function’s key by its role, in the words of AWS', () => {
    const iam = createIam(accountId);
    iam.addRole(role(mayRead));
    const key = iam.assumeRole(role(mayRead).arn, 'cut-fn', 'lambda.amazonaws.com');

    expect(iam.judge(key, 's3:GetObject', `${bucket}/a`)).toEqual({ allowed: true });
    expect(iam.judge(key, 's3:PutObject', `${bucket}/a`)).toEqual({
      allowed: false,
      reason:
        'User: arn:aws:sts::000000000000:assumed-role/cutter/cut-fn is not authorized to perform: ' +
        's3:PutObject on resource: arn:aws:s3:::media/a because no identity-based policy allows ' +
        'the s3:PutObject action',
    });
  });

  it('lets a laptop’s own keys and unsigned calls do everything', () => {
    const iam = createIam(accountId);
    expect(iam.judge('AKIALAPTOP', 's3:PutObject', bucket).allowed).toBe(true);
    expect(iam.judge(undefined, 's3:PutObject', bucket).allowed).toBe(true);
  });

  it('lets a bucket’s Deny reach its objects', () => {
    const iam = createIam(accountId);
    iam.addRole(role(mayRead));
    const key = iam.assumeRole(role(mayRead).arn, 'cut-fn', 'lambda.amazonaws.com');
    const deny = { Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: `${bucket}/secret/*` };
    iam.addResourcePolicy(bucket, parsePolicy({ Statement: deny }, 'bucket policy'));

    expect(iam.judge(key, 's3:GetObject', `${bucket}/a`).allowed).toBe(true);
    expect(iam.judge(key, 's3:GetObject', `${bucket}/secret/a`)).toMatchObject({
      allowed: false,
      reason: expect.stringContaining('explicit deny in a resource-based policy'),
    });
  });

  it('takes the managed policies it knows and refuses the others', () => {
    const iam = createIam(accountId);
    const xray = 'arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess';
    iam.addRole(role(mayRead, { managedPolicyArns: [xray] }));
    expect(iam.roleAllows(role(mayRead).arn, 'xray:PutTraceSegments', '*')).toBe(true);

    const admin = 'arn:aws:iam::aws:policy/AdministratorAccess';
    expect(() => iam.addRole(role(mayRead, { managedPolicyArns: [admin] }))).toThrow(admin);
  });

  it('refuses a role the service may not assume', () => {
    const iam = createIam(accountId);
    iam.addRole(role(mayRead));
    expect(() => iam.assumeRole(role(mayRead).arn, 'fn', 'states.amazonaws.com')).toThrow(
      'cannot be assumed by states.amazonaws.com',
    );
  });

  it('lets a service in only where the resource names it and the source', () => {
    const iam = createIam(accountId);
    const queue = 'arn:aws:sqs:us-east-1:000000000000:dlq';
    const rule = (name: string) => `arn:aws:events:us-east-1:000000000000:rule/bus/${name}`;
    iam.addResourcePolicy(
      queue,
      parsePolicy(
        {
          Statement: {
            Effect: 'Allow',
            Principal: { Service: 'events.amazonaws.com' },
            Action: 'sqs:SendMessage',
            Resource: queue,
            Condition: { ArnLike: { 'aws:SourceArn': rule('mine-*') } },
          },
        },
        'queue policy',
      ),
    );
    const may = (source: string) =>
      iam.serviceMay('events.amazonaws.com', 'sqs:SendMessage', queue, source);
    expect(may(rule('mine-1'))).toBe(true);
    expect(may(rule('yours-1'))).toBe(false);
    expect(iam.serviceMay('sns.amazonaws.com', 'sqs:SendMessage', queue, rule('mine-1'))).toBe(
      false,
    );
  });
});
