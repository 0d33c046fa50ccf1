import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Progress } from './progress.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const told: number[] = [];
const progressOf = () => {
  told.length = 0;
  return new Progress(async (percentage) => void told.push(percentage));
};

it('is told every 2 s at most, and every 5 points', async () => {
  const progress = progressOf();
  progress.update(0.5);
  vi.advanceTimersByTime(1_900);
  progress.update(0.6);
  await progress.settled();
  expect(told).toEqual([]);
  vi.advanceTimersByTime(200);
  progress.update(0.61);
  progress.update(0.9);
  vi.advanceTimersByTime(5_000);
  progress.update(0.64);
  progress.update(0.66);
  await progress.settled();
  expect(told).toEqual([61, 66]);
});

it('never goes back, and leaves the end to its own event', async () => {
  const progress = progressOf();
  for (const share of [0.4, 0.2, 0.5, 1, 1]) {
    vi.advanceTimersByTime(3_000);
    progress.update(share);
  }
  await progress.settled();
  expect(told).toEqual([40, 50, 99]);
});
