// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Fn::Sub writes its variables so
import { describe, expect, it } from 'vitest';
import { evaluateCondition } from './conditions.ts';
import { evaluate, noValue, type Scope } from './intrinsics.ts';
import type { TemplateValue } from './template.ts';

const refs: Record<string, TemplateValue> = {
  Stage: 'dev',
  Zones: ['a', 'b'],
  'AWS::Region': 'us-east-1',
  'AWS::NoValue': noValue,
};

const scope: Scope = {
  where: 'stack.Thing',
  mappings: { Sizes: { dev: { memory: 512 } } },
  ref: (name) => refs[name] ?? `ref-${name}`,
  getAtt: (name, attribute) => `${name}/${attribute}`,
  importValue: (name) => `import-${name}`,
  condition: (name) => name === 'Yes',
  ssmParameter: (name) => `ssm-${name}`,
};

describe('evaluate', () => {
  it.each<[string, TemplateValue, TemplateValue]>([
    ['literals', { a: [1, true, null, 'x'] }, { a: [1, true, null, 'x'] }],
    ['Ref', { Ref: 'Stage' }, 'dev'],
    [
      'GetAtt, both forms',
      [{ 'Fn::GetAtt': 'B.Arn' }, { 'Fn::GetAtt': ['B', 'Arn'] }],
      ['B/Arn', 'B/Arn'],
    ],
    [
      'Sub of names and attributes',
      { 'Fn::Sub': '${Stage}-${B.Arn}-${AWS::Region}' },
      'dev-B/Arn-us-east-1',
    ],
    ['Sub of literals', { 'Fn::Sub': '${!Stage} and ${Stage}' }, '${Stage} and dev'],
    ['Sub with variables', { 'Fn::Sub': ['${x}.${Stage}', { x: { Ref: 'Bus' } }] }, 'ref-Bus.dev'],
    ['Join', { 'Fn::Join': [':', ['arn', { Ref: 'Stage' }, 7]] }, 'arn:dev:7'],
    ['Join of a list parameter', { 'Fn::Join': [',', { Ref: 'Zones' }] }, 'a,b'],
    ['Select of Split', { 'Fn::Select': ['1', { 'Fn::Split': ['/', 'x/y/z'] }] }, 'y'],
    ['If', { 'Fn::If': ['Yes', 'a', { 'Fn::Nonsense': 1 }] }, 'a'],
    ['If to NoValue', { a: { 'Fn::If': ['No', 'x', { Ref: 'AWS::NoValue' }] }, b: 1 }, { b: 1 }],
    ['NoValue in a list', ['x', { Ref: 'AWS::NoValue' }], ['x']],
    ['FindInMap', { 'Fn::FindInMap': ['Sizes', { Ref: 'Stage' }, 'memory'] }, 512],
    ['ImportValue', { 'Fn::ImportValue': { 'Fn::Sub': '${Stage}-Bus' } }, 'import-dev-Bus'],
    ['an SSM reference', 'x-{{resolve:ssm:/a/b:3}}', 'x-ssm-/a/b'],
    [
      'a property that only looks like one',
      { Condition: 'x', Reference: 'y' },
      { Condition: 'x', Reference: 'y' },
    ],
  ])('resolves %s', (_name, value, expected) => {
    expect(evaluate(value, scope)).toEqual(expected);
  });

  it.each<[string, TemplateValue, string]>([
    ['unknown intrinsics', { a: { 'Fn::Cidr': ['x'] } }, 'stack.Thing: Fn::Cidr is not supported'],
    ['company', { Ref: 'Stage', x: 1 }, 'Ref must stand alone'],
    ['the wrong shape', { 'Fn::Join': 'x' }, 'stack.Thing: Fn::Join is malformed'],
    ['a list in a string', { 'Fn::Sub': '${Zones}' }, 'it takes strings, not ["a","b"]'],
    ['an index outside', { 'Fn::Select': [3, ['a']] }, 'nothing stands at its index'],
    [
      'no mapping',
      { 'Fn::FindInMap': ['Sizes', 'prod', 'memory'] },
      'no mapping Sizes.prod.memory',
    ],
    ['a secret', '{{resolve:secretsmanager:x}}', 'resolves only ssm'],
  ])('refuses %s', (_name, value, message) => {
    expect(() => evaluate(value, scope)).toThrow(message);
  });
});

describe('evaluateCondition', () => {
  const isDev = { 'Fn::Equals': [{ Ref: 'Stage' }, 'dev'] };
  const isProd = { 'Fn::Equals': [{ Ref: 'Stage' }, 'prod'] };

  it.each<[TemplateValue, boolean]>([
    [isDev, true],
    [isProd, false],
    [{ 'Fn::Not': [isProd] }, true],
    [{ 'Fn::And': [isDev, { Condition: 'Yes' }] }, true],
    [{ 'Fn::And': [isDev, isProd] }, false],
    [{ 'Fn::Or': [isProd, isDev] }, true],
    [{ 'Fn::Or': [isProd, { Condition: 'No' }] }, false],
  ])('%j is %s', (expression, expected) => {
    expect(evaluateCondition(expression, scope)).toBe(expected);
  });

  it('refuses what is no condition', () => {
    expect(() => evaluateCondition({ 'Fn::Sub': 'x' }, scope)).toThrow('is no condition');
  });
});
