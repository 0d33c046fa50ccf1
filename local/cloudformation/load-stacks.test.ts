// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Fn::Sub writes its variables so
import { describe, expect, it } from 'vitest';
import { loadStacks } from './load-stacks.ts';
import type { StackEnvironment, Template, TemplateValue } from './template.ts';

const environment: StackEnvironment = {
  accountId: '000000000000',
  region: 'us-east-1',
  endpointUrl: 'http://127.0.0.1:4566',
  ssmParameters: {},
};

const exporting = (name: string, value: TemplateValue): Template => ({
  Resources: {},
  Outputs: { Out: { Value: value, Export: { Name: { 'Fn::Sub': name } } } },
});

describe('loadStacks', () => {
  it('loads a stack behind those it imports from, whatever their order', () => {
    const stacks = loadStacks(
      [
        { name: 'c', template: exporting('c-Out', { 'Fn::ImportValue': 'b-Out' }) },
        { name: 'b', template: exporting('b-Out', { 'Fn::ImportValue': 'a-Out' }) },
        { name: 'a', template: exporting('${AWS::StackName}-Out', 'hello') },
      ],
      environment,
    );
    expect(stacks.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    expect(stacks[2]?.exports.get('c-Out')).toBe('hello');
  });

  it('names the imports nobody exports', () => {
    const template = exporting('x', { 'Fn::ImportValue': 'gone' });
    expect(() => loadStacks([{ name: 'a', template }], environment)).toThrow(
      'a.Out: no other stack exports gone.',
    );
  });

  it('refuses two exports of one name', () => {
    const sources = ['a', 'b'].map((name) => ({ name, template: exporting('same', 'x') }));
    expect(() => loadStacks(sources, environment)).toThrow('another stack already exports same');
  });
});
