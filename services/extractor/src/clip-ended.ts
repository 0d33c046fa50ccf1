import type { Context } from 'aws-lambda';
import { parseClipEnd } from '#shared/events/clip-end';
import { correlate } from '#shared/handler/event-handler';
import { instrumented } from '#shared/handler/middleware';
import { noteClipEnded } from './extraction.ts';

/** A clip has failed or was cancelled → segments of it that have not begun are not cut any more. */
export const handler = instrumented().handler(async (input: unknown, _context: Context) => {
  const event = parseClipEnd(input);
  correlate(event);
  await noteClipEnded(event.detail, event['detail-type']);
});
