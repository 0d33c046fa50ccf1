import { expect, it } from 'vitest';
import { MATRIX, PAIRWISE } from './matrix.ts';

it('holds all combinations', () => {
  expect(new Set(MATRIX.map((spec) => JSON.stringify(spec))).size).toBe(2 * 3 * 2 * 5);
});

it('has every two values meet in the short form', () => {
  const pairs = (specs: typeof MATRIX) =>
    new Set(
      specs.flatMap((spec) => {
        const values = Object.entries(spec).map(([name, value]) => `${name}=${value}`);
        return values.flatMap((one, n) => values.slice(n + 1).map((other) => `${one} ${other}`));
      }),
    );
  expect(pairs(PAIRWISE)).toEqual(pairs(MATRIX));
});
