import type { Context } from 'aws-lambda';
import { parseClipEnd } from '#shared/events/clip-end';
import { correlate } from '#shared/handler/event-handler';
import { instrumented } from '#shared/handler/middleware';
import { endAssembly, recordedSegments } from './assembly.ts';
import { removeIntermediates } from './intermediates.ts';

/** A clip has failed or was cancelled → it is not stitched any more, and its intermediates are removed. */
export const handler = instrumented().handler(async (input: unknown, _context: Context) => {
  const event = parseClipEnd(input);
  correlate(event);
  const assembly = await endAssembly(event.detail, event['detail-type']);
  await removeIntermediates(event.detail, recordedSegments(assembly));
});
