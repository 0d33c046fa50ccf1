import { BootError } from '../stack/boot-error.ts';
import { matchesWildcard } from './wildcard.ts';

/** What is known about a call beyond who, what and where. */
export type ConditionContext = Readonly<Partial<Record<ConditionKey, string>>>;

const keys = [
  'aws:SecureTransport',
  'aws:SourceArn',
  'aws:SourceAccount',
  'aws:PrincipalArn',
] as const;
type ConditionKey = (typeof keys)[number];

type Test = (actual: string, expected: string) => boolean;

const operators: Readonly<Record<string, Test>> = {
  StringEquals: (actual, expected) => actual === expected,
  StringLike: (actual, expected) => matchesWildcard(expected, actual),
  ArnEquals: matchesArn,
  ArnLike: matchesArn,
  Bool: (actual, expected) => actual.toLowerCase() === expected.toLowerCase(),
};

/** A statement's `Condition` block, checked and ready to ask. */
export type Condition = (context: ConditionContext) => boolean;

/**
 * Compiles a `Condition` block. All of its operators and keys must hold, any value of a key suffices;
 * a key the call does not carry makes it false, as in IAM.
 * @throws BootError `UnsupportedPolicy` for operators and keys the stack cannot judge: skipping one
 *   would let a statement match that the cloud does not match.
 */
export function compileCondition(block: unknown, where: string): Condition {
  const tests: Condition[] = [];
  for (const [operator, members] of Object.entries((block ?? {}) as Record<string, object>)) {
    const test = Object.hasOwn(operators, operator) ? operators[operator] : undefined;
    if (!test) {
      throw new BootError(
        'UnsupportedPolicy',
        `${where}: the embedded stack cannot judge the condition operator ${operator}. ` +
          `It knows ${Object.keys(operators).join(', ')}.`,
      );
    }
    for (const [name, values] of Object.entries(members)) {
      const key = keys.find((known) => known.toLowerCase() === name.toLowerCase());
      if (!key) {
        throw new BootError(
          'UnsupportedPolicy',
          `${where}: the embedded stack cannot judge the condition key ${name}. ` +
            `It knows ${keys.join(', ')}.`,
        );
      }
      const expected = [values].flat().map(String);
      tests.push((context) => {
        const actual = context[key];
        return actual !== undefined && expected.some((value) => test(actual, value));
      });
    }
  }
  return (context) => tests.every((test) => test(context));
}

/** Each of an ARN's six parts is matched by itself: `*` in one never reaches into the next. */
function matchesArn(actual: string, expected: string): boolean {
  const actualParts = arnParts(actual);
  const expectedParts = arnParts(expected);
  return (
    expectedParts.length === actualParts.length &&
    expectedParts.every((part, index) => matchesWildcard(part, actualParts[index] as string))
  );
}

function arnParts(arn: string): string[] {
  const parts = arn.split(':');
  return [...parts.slice(0, 5), parts.slice(5).join(':')];
}
