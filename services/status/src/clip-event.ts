import type { Context } from 'aws-lambda';
import { parseEnvelope } from '#shared/events/define-event';
import { correlate } from '#shared/handler/event-handler';
import { instrumented } from '#shared/handler/middleware';
import { projectEvent } from './project-event.ts';

/** Every event of ours → the clip's `statusHistory` and the execution's counters. */
export const handler = instrumented().handler(async (input: unknown, _context: Context) => {
  const event = parseEnvelope(input);
  correlate(event);
  await projectEvent(event);
});
