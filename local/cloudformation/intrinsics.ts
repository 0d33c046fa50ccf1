import { BootError } from '../stack/boot-error.ts';
import { evaluateCondition } from './conditions.ts';
import { isObject, type TemplateObject, type TemplateValue } from './template.ts';

/** What an expression of a template can refer to. */
export interface Scope {
  /** Names the place in messages: `stack.LogicalId`. */
  readonly where: string;
  ref(name: string): TemplateValue;
  getAtt(logicalId: string, attribute: string): TemplateValue;
  importValue(exportName: string): TemplateValue;
  /** A named condition of the template. */
  condition(name: string): boolean;
  ssmParameter(name: string): string;
  readonly mappings: TemplateObject;
}

/** `Ref: AWS::NoValue`: removes the property or list entry it stands for. */
export const noValue: TemplateValue = Object.freeze({ 'AWS::NoValue': true });

type Intrinsic = (argument: TemplateValue, scope: Scope) => TemplateValue;

const intrinsics: Readonly<Record<string, Intrinsic>> = {
  Ref: (argument, scope) => scope.ref(text(argument, scope, 'Ref')),
  'Fn::GetAtt': getAtt,
  'Fn::Sub': sub,
  'Fn::Join': join,
  'Fn::Select': select,
  'Fn::Split': split,
  'Fn::If': (argument, scope) => {
    const [name, whenTrue, whenFalse] = list(argument, scope, 'Fn::If', 3);
    return evaluate((scope.condition(String(name)) ? whenTrue : whenFalse) as TemplateValue, scope);
  },
  'Fn::FindInMap': findInMap,
  'Fn::ImportValue': (argument, scope) =>
    scope.importValue(text(evaluate(argument, scope), scope, 'Fn::ImportValue')),
  // Conditions usually stand in their own section, but nothing forbids a boolean as a value.
  'Fn::Equals': (argument, scope) => evaluateCondition({ 'Fn::Equals': argument }, scope),
};

/**
 * Resolves every intrinsic in a value.
 * @throws BootError `UnsupportedIntrinsic`, `UnresolvedReference` or `InvalidTemplate`
 */
export function evaluate(value: TemplateValue, scope: Scope): TemplateValue {
  if (typeof value === 'string') return resolveDynamicReferences(value, scope);
  if (Array.isArray(value)) {
    return value.map((item) => evaluate(item, scope)).filter((item) => item !== noValue);
  }
  if (!isObject(value)) return value;

  const entries = Object.entries(value);
  const [name, argument] = entries.find(([key]) => key === 'Ref' || key.startsWith('Fn::')) ?? [];
  if (name !== undefined && argument !== undefined) {
    const intrinsic = Object.hasOwn(intrinsics, name) ? intrinsics[name] : undefined;
    if (!intrinsic || entries.length > 1) {
      const problem = intrinsic ? 'must stand alone in its object' : 'is not supported';
      throw new BootError(
        'UnsupportedIntrinsic',
        `${scope.where}: ${name} ${problem}. The embedded stack knows ` +
          `${Object.keys(intrinsics).join(', ')}.`,
      );
    }
    return intrinsic(argument, scope);
  }
  return Object.fromEntries(
    entries
      .map(([key, member]) => [key, evaluate(member, scope)] as const)
      .filter(([, member]) => member !== noValue),
  );
}

function getAtt(argument: TemplateValue, scope: Scope): TemplateValue {
  const [logicalId, ...attribute] =
    typeof argument === 'string' ? argument.split('.') : list(argument, scope, 'Fn::GetAtt', 2);
  return scope.getAtt(String(logicalId), attribute.join('.'));
}

/** `${Name}`, `${Resource.Attribute}`, `${Local}` of the second form, and `${!Literal}`. */
function sub(argument: TemplateValue, scope: Scope): TemplateValue {
  const [template, variables]: readonly (TemplateValue | undefined)[] =
    typeof argument === 'string' ? [argument, {}] : list(argument, scope, 'Fn::Sub', 2);
  if (!isObject(variables)) throw malformed('Fn::Sub', scope, 'its second part must be an object');
  const replaced = text(template, scope, 'Fn::Sub').replace(/\$\{([^}]*)\}/g, (_match, inner) => {
    const name: string = inner.trim();
    if (name.startsWith('!')) return `\${${name.slice(1)}}`;
    const local = Object.hasOwn(variables, name) ? variables[name] : undefined;
    if (local !== undefined) return text(evaluate(local, scope), scope, 'Fn::Sub');
    const dot = name.indexOf('.');
    const value = dot < 0 ? scope.ref(name) : scope.getAtt(name.slice(0, dot), name.slice(dot + 1));
    return text(value, scope, 'Fn::Sub');
  });
  return resolveDynamicReferences(replaced, scope);
}

function join(argument: TemplateValue, scope: Scope): TemplateValue {
  const [separator, parts] = list(argument, scope, 'Fn::Join', 2);
  const values = evaluate(parts as TemplateValue, scope);
  if (!Array.isArray(values)) throw malformed('Fn::Join', scope, 'it joins a list');
  return values.map((part) => text(part, scope, 'Fn::Join')).join(String(separator));
}

function select(argument: TemplateValue, scope: Scope): TemplateValue {
  const [index, options] = list(argument, scope, 'Fn::Select', 2);
  const values = evaluate(options as TemplateValue, scope);
  const selected = Array.isArray(values)
    ? values[Number(evaluate(index as TemplateValue, scope))]
    : undefined;
  if (selected === undefined) throw malformed('Fn::Select', scope, 'nothing stands at its index');
  return selected;
}

function split(argument: TemplateValue, scope: Scope): TemplateValue {
  const [separator, whole] = list(argument, scope, 'Fn::Split', 2);
  return text(evaluate(whole as TemplateValue, scope), scope, 'Fn::Split').split(String(separator));
}

function findInMap(argument: TemplateValue, scope: Scope): TemplateValue {
  const path = list(argument, scope, 'Fn::FindInMap', 3).map((key) =>
    text(evaluate(key, scope), scope, 'Fn::FindInMap'),
  );
  let found: TemplateValue | undefined = scope.mappings;
  for (const key of path)
    found = isObject(found) && Object.hasOwn(found, key) ? found[key] : undefined;
  if (found === undefined) {
    throw new BootError('UnresolvedReference', `${scope.where}: no mapping ${path.join('.')}.`);
  }
  return found;
}

/** `{{resolve:ssm:/name}}` or `{{resolve:ssm:/name:3}}`, anywhere in a string. */
function resolveDynamicReferences(value: string, scope: Scope): string {
  return value.replace(/\{\{resolve:([a-z-]+):([^}]*)\}\}/g, (match, service, reference) => {
    if (service !== 'ssm') {
      throw new BootError(
        'UnsupportedIntrinsic',
        `${scope.where}: ${match} is not supported. The embedded stack resolves only ssm.`,
      );
    }
    return scope.ssmParameter(reference.split(':')[0]);
  });
}

function list(value: TemplateValue, scope: Scope, name: string, length: number) {
  if (!Array.isArray(value) || value.length !== length) {
    throw malformed(name, scope, `it takes a list of ${length}`);
  }
  return value as readonly TemplateValue[];
}

function text(value: TemplateValue | undefined, scope: Scope, name: string): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return String(value);
  }
  throw malformed(name, scope, `it takes strings, not ${JSON.stringify(value)}`);
}

function malformed(name: string, scope: Scope, why: string): BootError {
  return new BootError('InvalidTemplate', `${scope.where}: ${name} is malformed: ${why}.`);
}
