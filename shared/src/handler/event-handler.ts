import type { Context } from 'aws-lambda';
import type * as z from 'zod';
import { type EventDefinition, type ParsedEvent, parseEvent } from '../events/define-event.ts';
import { logger, tracer } from '../observability/telemetry.ts';
import { instrumented, outOfTime } from './middleware.ts';

/** What a handler gets beside its event. */
export interface Invocation {
  /** The same on every retry that Lambda makes of this event, different for every other delivery. */
  requestId: string;
  /** Fires shortly before Lambda's timeout. Everything that can take long must listen to it. */
  signal: AbortSignal;
}

type Work<Detail> = (event: ParsedEvent<Detail>, invocation: Invocation) => Promise<void>;

/**
 * A Lambda handler for one kind of event: checks the event against its schema, ties log lines and the
 * trace to the clip, and hands both to the work. What does not fit is thrown, and so ends in the
 * function's failure destination: nothing is dropped silently.
 */
export function eventHandler<Schema extends z.ZodType>(
  definition: EventDefinition<Schema>,
  work: Work<z.output<Schema>>,
) {
  return instrumented().handler(
    async (event: unknown, context: Context, { signal }: { signal: AbortSignal }) => {
      const parsed = parseEvent(definition, event);
      correlate(parsed);
      try {
        await work(parsed, { requestId: context.awsRequestId, signal });
      } catch (error) {
        // Whatever was interrupted says so in its own words; what matters is why.
        throw signal.aborted ? outOfTime(error) : error;
      }
    },
  );
}

/** Puts the ids that a person searches by on every log line, and on the trace as annotations. */
export function correlate(event: { id: string; 'detail-type': string; detail: unknown }): void {
  const detail = (event.detail ?? {}) as Record<string, unknown>;
  const meta = (detail.meta ?? {}) as Record<string, unknown>;
  const ids = {
    tenantId: detail.tenantId,
    episodeId: detail.episodeId,
    executionId: detail.executionId,
    clipId: detail.clipId,
    segmentIndex: detail.segmentIndex,
    correlationId: meta.correlationId ?? event.id,
  };
  logger.appendKeys({ eventType: event['detail-type'], ...ids });
  for (const [name, value] of Object.entries(ids)) {
    if (typeof value === 'string' || typeof value === 'number') tracer.putAnnotation(name, value);
  }
}
