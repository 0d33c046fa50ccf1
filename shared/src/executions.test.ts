import { expect, it } from 'vitest';
import { isNewer } from './executions.ts';

const at = (executionStartedAt: string, executionId = 'a') => ({ executionStartedAt, executionId });

it('orders executions by their begin, then by id, and none before itself', () => {
  const early = at('2026-03-01T12:00:00.000Z');
  const late = at('2026-03-01T12:00:00.001Z');
  const twin = at('2026-03-01T12:00:00.000Z', 'b');
  expect(isNewer(late, early)).toBe(true);
  expect(isNewer(early, late)).toBe(false);
  expect(isNewer(twin, early)).toBe(true);
  expect(isNewer(early, twin)).toBe(false);
  expect(isNewer(early, early)).toBe(false);
});
