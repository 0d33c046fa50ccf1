import { TestRunner } from 'vitest';

/** What became of a clip that a test asked for. Whether it is right is the test's to say. */
export type Outcome = 'exact' | 'warned' | 'refused';

declare module 'vitest' {
  interface TaskMeta {
    outcomes?: Outcome[];
  }
}

/** Notes the outcome with the running test, for the table at the end of `npm run test:media`. */
export function noteOutcome(outcome: Outcome): void {
  const test = TestRunner.getCurrentTest();
  if (test) test.meta.outcomes = [...(test.meta.outcomes ?? []), outcome];
}
