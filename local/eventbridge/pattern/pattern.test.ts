import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePattern } from './compile.ts';
import { matchesPattern } from './match.ts';
import { PatternError } from './pattern-error.ts';
import { ARRAY_VECTORS } from './vectors/arrays.ts';
import { CONDITION_VECTORS } from './vectors/conditions.ts';
import { INVALID_PATTERNS, INVALID_VALUES } from './vectors/invalid.ts';
import { VALUE_VECTORS } from './vectors/values.ts';

const MATCH_VECTORS = [...VALUE_VECTORS, ...CONDITION_VECTORS];

describe('patterns', () => {
  it.each([...MATCH_VECTORS, ...ARRAY_VECTORS])('$origin', ({ pattern, matching, other }) => {
    const compiled = compilePattern(JSON.stringify(pattern));
    for (const event of matching) {
      expect(matchesPattern(compiled, event), `matches ${JSON.stringify(event)}`).toBe(true);
    }
    for (const event of other) {
      expect(matchesPattern(compiled, event), `refuses ${JSON.stringify(event)}`).toBe(false);
    }
  });

  it.each(INVALID_VALUES)('refuses the values %j', (values) => {
    expect(() => compilePattern({ a: values })).toThrow(PatternError);
  });

  it.each(INVALID_PATTERNS)('refuses $origin', ({ pattern }) => {
    expect(() => compilePattern(pattern)).toThrow(PatternError);
  });

  it('refuses more than 1,000 combinations of $or', () => {
    const or = (name: string) => ({
      $or: Array.from({ length: 32 }, (_, n) => ({ [`${name}${n}`]: [1] })),
    });
    expect(compilePattern({ x: or('a') })).toHaveLength(32);
    expect(() => compilePattern({ x: or('a'), y: or('b') })).toThrow(/may not exceed 1000/);
  });

  it('refuses an event that is no object', () => {
    const pattern = compilePattern({ a: [{ exists: false }] });
    for (const event of [null, 'a', 1, [{ a: 1 }], []]) {
      expect(matchesPattern(pattern, event)).toBe(false);
    }
  });

  it('survives events nested deeper than the stack', () => {
    const deep = JSON.parse(`{"a": ${'['.repeat(100_000)}1${']'.repeat(100_000)}, "b": 2}`);
    expect(matchesPattern(compilePattern({ b: [2] }), deep)).toBe(true);
  });
});

describe('properties', () => {
  const name = fc.constantFrom('a', 'b', 'c', '__proto__');
  const value = fc.oneof(
    fc.constantFrom('', 'abc', 'ABC', '10.0.0.1', '::1', 'a*b'),
    fc.string({ maxLength: 3 }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
  );
  const test = fc.oneof(
    value,
    ...MATCH_VECTORS.flatMap(({ pattern }) => Object.values(pattern).flat())
      .filter((test) => typeof test === 'object' && test !== null && Object.keys(test).length === 1)
      .filter((test) => isValid({ a: [test] }))
      .map((test) => fc.constant(test)),
  );
  const tests = fc.array(test, { minLength: 1, maxLength: 3 });
  const { pattern } = fc.letrec((tie) => ({
    node: fc.oneof({ depthSize: 'small', withCrossShrink: true }, tests, tie('pattern')),
    pattern: fc.oneof(
      fc.dictionary(name, tie('node'), { minKeys: 1, maxKeys: 3 }),
      fc.record({ $or: fc.array(tie('pattern'), { minLength: 2, maxLength: 3 }) }),
    ),
  }));
  const { event } = fc.letrec((tie) => ({
    node: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      value,
      fc.array(tie('node'), { maxLength: 3 }),
      tie('event'),
    ),
    event: fc.dictionary(name, tie('node'), { maxKeys: 3 }),
  }));

  it('never throws on any JSON event for a valid pattern', () => {
    fc.assert(
      fc.property(pattern, fc.oneof(event, fc.jsonValue()), (pattern, event) => {
        fc.pre(isValid(pattern as object));
        expect(typeof matchesPattern(compilePattern(pattern as object), event)).toBe('boolean');
      }),
      { numRuns: 2000 },
    );
  });

  it('refuses an invalid pattern with a PatternError and nothing else', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        try {
          compilePattern(text);
        } catch (error) {
          expect(error).toBeInstanceOf(PatternError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('matches an event with the pattern made of its own leaves', () => {
    const leaves = fc.dictionary(name, fc.dictionary(name, value, { minKeys: 1 }), { minKeys: 1 });
    fc.assert(
      fc.property(leaves, (event) => {
        const own = Object.fromEntries(
          Object.entries(event).map(([outer, fields]) => [
            outer,
            Object.fromEntries(Object.entries(fields).map(([inner, leaf]) => [inner, [leaf]])),
          ]),
        );
        expect(matchesPattern(compilePattern(own), event)).toBe(true);
      }),
    );
  });
});

function isValid(pattern: object): boolean {
  try {
    compilePattern(pattern);
    return true;
  } catch {
    return false;
  }
}
