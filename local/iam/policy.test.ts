import { describe, expect, it } from 'vitest';
import { evaluate, parsePolicy } from './policy.ts';

const ask = (document: object, action: string, resourceArn: string, context = {}) =>
  evaluate(parsePolicy(document, 'test'), { action, resourceArn, context });

describe('evaluate', () => {
  const policy = {
    Statement: [
      { Effect: 'Allow', Action: ['s3:Get*', 's3:PutObject'], Resource: 'arn:aws:s3:::media/*' },
      { Effect: 'Deny', Action: 's3:*', Resource: ['arn:aws:s3:::media/secret/*'] },
    ],
  };

  it('allows what a statement allows, by wildcard and without regard to the action’s case', () => {
    expect(ask(policy, 's3:GetObject', 'arn:aws:s3:::media/a')).toBe('allow');
    expect(ask(policy, 'S3:putobject', 'arn:aws:s3:::media/a')).toBe('allow');
  });

  it('denies what nothing allows', () => {
    expect(ask(policy, 's3:DeleteObject', 'arn:aws:s3:::media/a')).toBe('implicit-deny');
    expect(ask(policy, 's3:GetObject', 'arn:aws:s3:::other/a')).toBe('implicit-deny');
  });

  it('lets a Deny win over an Allow', () => {
    expect(ask(policy, 's3:GetObject', 'arn:aws:s3:::media/secret/a')).toBe('explicit-deny');
  });

  it('takes a single statement without a list', () => {
    const single = { Statement: { Effect: 'Allow', Action: '*', Resource: '*' } };
    expect(ask(single, 'sqs:SendMessage', 'arn:aws:sqs:x')).toBe('allow');
  });

  it('asks the principal where the policy names one', () => {
    const statements = parsePolicy(
      {
        Statement: {
          Effect: 'Allow',
          Principal: { Service: ['events.amazonaws.com'] },
          Action: 'sqs:SendMessage',
          Resource: '*',
        },
      },
      'test',
    );
    const request = { action: 'sqs:SendMessage', resourceArn: 'q', context: {} };
    expect(evaluate(statements, { ...request, principal: 'events.amazonaws.com' })).toBe('allow');
    expect(evaluate(statements, { ...request, principal: 'sns.amazonaws.com' })).toBe(
      'implicit-deny',
    );
  });
});

describe('conditions', () => {
  const when = (Condition: object) => ({
    Statement: { Effect: 'Allow', Action: '*', Resource: '*', Condition },
  });
  const rule = 'arn:aws:events:us-east-1:000000000000:rule/bus/rule-a';

  it.each([
    [{ ArnLike: { 'aws:SourceArn': rule } }, 'allow'],
    [{ ArnLike: { 'AWS:SourceArn': 'arn:aws:events:*:*:rule/bus/*' } }, 'allow'],
    [{ ArnLike: { 'aws:SourceArn': 'arn:aws:*' } }, 'implicit-deny'],
    [
      { ArnEquals: { 'aws:SourceArn': 'arn:aws:events:us-east-1:000000000000:rule/bus' } },
      'implicit-deny',
    ],
    [{ StringEquals: { 'aws:SourceArn': ['other', rule] } }, 'allow'],
    [{ StringLike: { 'aws:SourceArn': 'arn:*rule-a' } }, 'allow'],
    [{ Bool: { 'aws:SecureTransport': true } }, 'allow'],
    [{ Bool: { 'aws:SecureTransport': 'false' } }, 'implicit-deny'],
    [{ StringEquals: { 'aws:SourceAccount': '1' } }, 'implicit-deny'],
    [
      { ArnLike: { 'aws:SourceArn': rule }, Bool: { 'aws:SecureTransport': 'false' } },
      'implicit-deny',
    ],
  ])('%j → %s', (condition, expected) => {
    const context = { 'aws:SourceArn': rule, 'aws:SecureTransport': 'true' };
    expect(ask(when(condition), 'x:Y', 'arn', context)).toBe(expected);
  });

  it('refuses an operator or a key it cannot judge', () => {
    expect(() => parsePolicy(when({ IpAddress: { 'aws:SourceIp': '::1' } }), 'Role r')).toThrow(
      'Role r: the embedded stack cannot judge the condition operator IpAddress.',
    );
    expect(() => parsePolicy(when({ StringEquals: { 'aws:Nope': 'x' } }), 'Role r')).toThrow(
      'condition key aws:Nope',
    );
  });
});

describe('parsePolicy', () => {
  it.each([
    [{ Statement: { Effect: 'Allow', NotAction: 's3:*', Resource: '*' } }, 'NotAction'],
    [{ Statement: { Effect: 'allow', Action: '*', Resource: '*' } }, 'Effect'],
    [{ Statement: { Effect: 'Allow', Action: '*', Resource: { Ref: 'X' } } }, 'expected a string'],
    [{}, 'no Statement'],
  ])('refuses %j', (document, message) => {
    expect(() => parsePolicy(document, 'p')).toThrow(message);
  });
});
