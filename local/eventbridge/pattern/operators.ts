import { cidrTest, sameAddressTest } from './address.ts';
import { numericTest } from './numeric.ts';
import { PatternError } from './pattern-error.ts';
import { wildcardTest } from './wildcard.ts';

/** A value without parts; patterns test nothing else. */
export type Leaf = string | number | boolean | null;
export type LeafTest = (value: Leaf) => boolean;

/** Names of operators, present and reserved: no field inside `$or` may bear one. */
export const RESERVED_NAMES: ReadonlySet<string> = new Set(
  `exactly equals-ignore-case prefix suffix anything-but exists wildcard numeric cidr html = < <= > >= regex
   not-wildcard not-equals-ignore-case date-after date-on-or-after date-before date-on-or-before in-date-range
   ip-address-in-range ip-address-not-in-range`.split(/\s+/),
);

/** The test for one element of a value list: a leaf to equal, or an operator such as `{"prefix": "a"}`. */
export function leafTest(expression: unknown): LeafTest {
  if (typeof expression === 'string') return sameAddressTest(expression) ?? equals(expression);
  if (isLeaf(expression)) return equals(expression);
  const [operator, operand] = onlyEntry(
    expression,
    'Match value must be String, number, true, false, or null',
  );
  switch (operator) {
    case 'exactly':
      return equals(text(operand, operator));
    case 'prefix':
      return prefixTest(operand);
    case 'suffix':
      return suffixTest(operand);
    case 'equals-ignore-case':
      return ignoringCase(text(operand, operator), equals);
    case 'wildcard':
      return wildcardTest(text(operand, operator));
    case 'numeric':
      return numericTest(operand);
    case 'cidr':
      return cidrTest(text(operand, operator));
    case 'anything-but':
      return anythingBut(operand);
    case 'exists':
      // `exists: false` is about a field that has no value to test; compile.ts takes it before it gets here.
      if (operand !== true)
        throw new PatternError('exists match pattern must be either true or false.');
      return () => true;
    default:
      throw new PatternError(`Unrecognized match type ${operator}`);
  }
}

function prefixTest(operand: unknown): LeafTest {
  return typeof operand === 'string'
    ? startsWith(operand)
    : ignoringCase(ignoreCaseOperand(operand, 'prefix'), startsWith);
}

function suffixTest(operand: unknown): LeafTest {
  return typeof operand === 'string'
    ? endsWith(operand)
    : ignoringCase(ignoreCaseOperand(operand, 'suffix'), endsWith);
}

/** Holds for a value of any type that none of the operand's tests accepts. An absent field has no such value. */
function anythingBut(operand: unknown): LeafTest {
  const unwanted = unwantedTests(operand);
  return (value) => !unwanted.some((test) => test(value));
}

function unwantedTests(operand: unknown): LeafTest[] {
  if (typeof operand === 'string' || typeof operand === 'number') return [equals(operand)];
  if (Array.isArray(operand)) {
    const allOf = (type: string) => operand.every((value) => typeof value === type);
    if (operand.length === 0 || !(allOf('string') || allOf('number'))) {
      throw new PatternError(
        'Inside anything-but list, either all values are number or string, mixed type is not supported',
      );
    }
    return operand.map(equals);
  }
  const [operator, values] = onlyEntry(
    operand,
    'Value of anything-but must be an array or single string/number value.',
  );
  const texts = textList(values, `anything-but ${operator}`);
  switch (operator) {
    case 'prefix':
    case 'suffix':
      if (texts.includes(''))
        throw new PatternError(`Null ${operator} not allowed in anything-but`);
      return texts.map(operator === 'prefix' ? startsWith : endsWith);
    case 'equals-ignore-case':
      return texts.map((value) => ignoringCase(value, equals));
    case 'wildcard':
      return texts.map(wildcardTest);
    default:
      throw new PatternError(`Unsupported anything-but pattern: ${operator}`);
  }
}

const equals =
  (wanted: Leaf): LeafTest =>
  (value) =>
    value === wanted;
const startsWith =
  (prefix: string): LeafTest =>
  (value) =>
    typeof value === 'string' && value.startsWith(prefix);
const endsWith =
  (suffix: string): LeafTest =>
  (value) =>
    typeof value === 'string' && value.endsWith(suffix);

function ignoringCase(wanted: string, testFor: (wanted: string) => LeafTest): LeafTest {
  const test = testFor(wanted.toLowerCase());
  return (value) => typeof value === 'string' && test(value.toLowerCase());
}

function ignoreCaseOperand(operand: unknown, within: string): string {
  const [operator, value] = onlyEntry(operand, `${within} match pattern must be a string`);
  if (operator !== 'equals-ignore-case') {
    throw new PatternError(`Unsupported ${within} pattern: ${operator}`);
  }
  return text(value, operator);
}

function text(operand: unknown, operator: string): string {
  if (typeof operand !== 'string') {
    throw new PatternError(`${operator} match pattern must be a string`);
  }
  return operand;
}

function textList(operand: unknown, operator: string): string[] {
  const values = Array.isArray(operand) ? operand : [operand];
  if (values.length === 0) throw new PatternError(`${operator} needs at least one string`);
  return values.map((value) => text(value, operator));
}

function onlyEntry(expression: unknown, otherwise: string): [name: string, operand: unknown] {
  if (typeof expression !== 'object' || expression === null || Array.isArray(expression)) {
    throw new PatternError(otherwise);
  }
  const entries = Object.entries(expression);
  const [entry] = entries;
  if (!entry || entries.length > 1)
    throw new PatternError('Only one key allowed in match expression');
  return entry;
}

/** Whether a JSON value has no parts. */
export function isLeaf(value: unknown): value is Leaf {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}
