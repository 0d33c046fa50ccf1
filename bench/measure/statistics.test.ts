import { expect, it } from 'vitest';
import { furthestFromZero, median, percentile, timesAsLong, timesFaster } from './statistics.ts';

it.each([
  [[7], 7],
  [[9, 1, 5], 5],
  [[4, 1, 3, 100], 3.5],
])('the median of %j is %d', (values, middle) => {
  expect(median(values)).toBe(middle);
});

it('leaves the values in their order', () => {
  const values = [3, 1, 2];
  median(values);
  expect(values).toEqual([3, 1, 2]);
});

it.each([
  [0.5, 50],
  [0.99, 99],
  [0.991, 100],
  [1, 100],
])('the percentile %d of 1…100 is %d', (share, value) => {
  const values = Array.from({ length: 100 }, (_, n) => 100 - n);
  expect(percentile(values, share)).toBe(value);
  expect(percentile([7], share)).toBe(7);
});

it('has no median of nothing', () => {
  expect(() => median([])).toThrow(RangeError);
});

it('compares with a baseline in either direction', () => {
  expect(timesFaster(2, 20)).toBe(10);
  expect(timesAsLong(20, 5)).toBe(4);
  expect(timesFaster(2, undefined)).toBeUndefined();
  expect(timesAsLong(2, 0)).toBeUndefined();
});

it('finds the worst of errors, with its sign', () => {
  expect(furthestFromZero([1, -3, undefined, 2])).toBe(-3);
  expect(furthestFromZero([undefined])).toBeUndefined();
});
