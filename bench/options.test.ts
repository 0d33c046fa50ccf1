import { expect, it } from 'vitest';
import { isComplete, parseBenchOptions } from './options.ts';

it('measures everything unless it is told what', () => {
  const options = parseBenchOptions(['cut']);
  expect(options).toEqual({
    ...{ what: 'cut', lengths: [5, 30, 180, 600], segments: [1, 5, 20], runs: 3 },
  });
  expect(isComplete(options as Parameters<typeof isComplete>[0])).toBe(true);
});

it('measures what it is told, in its own order and each once', () => {
  const options = parseBenchOptions([
    'cut',
    '--seconds',
    '30,5,30',
    '--segments',
    '1',
    '--runs',
    '2',
  ]);
  expect(options).toEqual({ what: 'cut', lengths: [5, 30], segments: [1], runs: 2 });
  expect(isComplete(options as Parameters<typeof isComplete>[0])).toBe(false);
});

it.each([
  [[], 'Say what to measure'],
  [['cut', 'memory'], 'One thing at a time'],
  [['cut', '--runs', '0'], 'whole number'],
  [['cut', '--seconds', '7'], '--seconds takes some of 5, 30, 180, 600'],
  [['cut', '--fast'], '--fast'],
  [['memory', '--runs', '2'], 'memory takes no options'],
])('%j is refused', (args, problem) => {
  expect(parseBenchOptions(args)).toEqual({ problem: expect.stringContaining(problem) });
});
