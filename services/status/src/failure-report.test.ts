import { expect, it } from 'vitest';
import { errorOf } from './failure-report.ts';

it.each([
  [
    'our own error',
    'TransientError',
    'PUBLISH_FAILED: EventBridge refused 1 of 3 events.',
    'PUBLISH_FAILED',
  ],
  [
    'a timeout',
    'Sandbox.Timedout',
    'RequestId: x Error: Task timed out after 30.00 seconds',
    'FUNCTION_TIMED_OUT',
  ],
  [
    'too little memory',
    'Runtime.OutOfMemory',
    'RequestId: x Error: Runtime exited',
    'FUNCTION_OUT_OF_MEMORY',
  ],
  ['a crash', 'Runtime.ExitError', 'RequestId: x Error: Runtime exited', 'FUNCTION_FAILED'],
  ['a code that is not ours', 'Error', 'ECONNRESET: socket hang up', 'FUNCTION_FAILED'],
  ['nothing at all', undefined, undefined, 'FUNCTION_FAILED'],
])('gives %s its code and says what to do', (_, errorType, errorMessage, code) => {
  const error = errorOf(errorType, errorMessage);
  expect(error.code).toBe(code);
  expect(error.message).toMatch(/replay the event once the cause is gone\.$/);
  expect(error.message).not.toContain('PUBLISH_FAILED:');
});
