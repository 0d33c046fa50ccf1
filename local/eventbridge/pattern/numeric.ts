import type { LeafTest } from './operators.ts';
import { PatternError } from './pattern-error.ts';

/** EventBridge compares numbers between -5,000,000,000 and 5,000,000,000 only. */
const LARGEST = 5e9;

const COMPARISONS: Record<string, (value: number, bound: number) => boolean> = {
  '=': (value, bound) => value === bound,
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
};

/** `["=", 5]`, `["<", 10]` or a range that begins with its lower bound: `[">", 0, "<=", 5]`. */
export function numericTest(expression: unknown): LeafTest {
  if (!Array.isArray(expression)) throw new PatternError('Value of numeric must be an array.');
  const [operator, bound, upperOperator, upperBound, ...more] = expression;

  const lower = comparison(operator, bound);
  if (expression.length === 2) return (value) => isComparable(value) && lower(value);

  if (!['>', '>='].includes(operator) || !['<', '<='].includes(upperOperator) || more.length > 0) {
    throw new PatternError('A numeric range is [">" or ">=", lower, "<" or "<=", upper]');
  }
  const upper = comparison(upperOperator, upperBound);
  if (bound >= upperBound)
    throw new PatternError('Bottom of a numeric range must be less than its top');
  return (value) => isComparable(value) && lower(value) && upper(value);
}

function comparison(operator: unknown, bound: unknown): (value: number) => boolean {
  const compare = typeof operator === 'string' ? COMPARISONS[operator] : undefined;
  if (!compare) throw new PatternError(`Unrecognized numeric range operator: ${operator}`);
  if (!isComparable(bound)) {
    throw new PatternError(
      `Value of ${operator} must be numeric, between -5.0e9 and 5.0e9 inclusive`,
    );
  }
  return (value) => compare(value, bound);
}

function isComparable(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= LARGEST;
}
