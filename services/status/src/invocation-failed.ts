import type { Context } from 'aws-lambda';
import { parseEnvelope } from '#shared/events/define-event';
import { instrumented } from '#shared/handler/middleware';
import { count, logger } from '#shared/observability/telemetry';
import { failUnprocessed } from './fail-unprocessed.ts';
import { readFailureReport } from './failure-report.ts';

/** `Lambda Function Invocation Result - Failure` → the clip it was about becomes `Generation Failed`. */
export const handler = instrumented().handler(async (input: unknown, _context: Context) => {
  const { payload, functionArn, requestId, error, occurredAt } = readFailureReport(
    parseEnvelope(input),
  );
  count('InvocationFailureCount');
  logger.error('A function gave up on an event', { functionArn, requestId, error });
  await failUnprocessed(payload, functionArn, error, occurredAt);
});
