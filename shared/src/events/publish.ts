import { setTimeout as sleep } from 'node:timers/promises';
import {
  PutEventsCommand,
  type PutEventsRequestEntry,
  type PutEventsResultEntry,
} from '@aws-sdk/client-eventbridge';
import type * as z from 'zod';
import { eventBridge } from '../aws/event-bridge.ts';
import { MAX_RETRIES, retryDelayMs } from '../aws/retry.ts';
import { environment } from '../environment.ts';
import { TransientError } from '../errors.ts';
import { type EventDefinition, parseWith } from './define-event.ts';

/** An event ready to be put on the bus. */
export interface OutgoingEvent {
  source: string;
  detailType: string;
  detail: unknown;
}

/** Limits of one PutEvents call: 10 entries and 256 KB in all (we keep a margin for the envelope). */
const MAX_ENTRIES = 10;
const MAX_BYTES = 240 * 1024;

/**
 * Makes an event, checked against its own schema: what a consumer would reject is never published.
 * @throws PermanentError `EVENT_INVALID`
 */
export function makeEvent<Schema extends z.ZodType>(
  definition: EventDefinition<Schema>,
  detail: z.input<Schema>,
): OutgoingEvent {
  parseWith(definition.schema, detail, definition.detailType);
  return { source: definition.source, detailType: definition.detailType, detail };
}

/**
 * Puts events on the bus, in order, in as few calls as the limits allow. PutEvents may accept some
 * entries and refuse others: only the refused are tried again.
 * @throws TransientError `PUBLISH_FAILED` when some were still refused after the retries
 */
export async function publish(events: readonly OutgoingEvent[]): Promise<void> {
  for (const batch of batches(events.map(toEntry))) await putBatch(batch);
}

async function putBatch(batch: PutEventsRequestEntry[]): Promise<void> {
  let pending = batch;
  for (let attempt = 1; ; attempt++) {
    const result = await eventBridge.send(new PutEventsCommand({ Entries: pending }));
    if (!result.FailedEntryCount) return;
    const refusals: PutEventsResultEntry[] = result.Entries ?? [];
    pending = pending.filter((_, index) => refusals[index]?.ErrorCode);
    if (attempt > MAX_RETRIES) {
      const reason = refusals.find((refusal) => refusal.ErrorCode);
      throw new TransientError(
        'PUBLISH_FAILED',
        `EventBridge refused ${pending.length} of ${batch.length} events: ${reason?.ErrorCode} ${reason?.ErrorMessage}`,
      );
    }
    await sleep(retryDelayMs(attempt));
  }
}

function toEntry(event: OutgoingEvent): PutEventsRequestEntry {
  return {
    EventBusName: environment.busName(),
    Source: event.source,
    DetailType: event.detailType,
    Detail: JSON.stringify(event.detail),
  };
}

function* batches(entries: PutEventsRequestEntry[]): Generator<PutEventsRequestEntry[]> {
  let batch: PutEventsRequestEntry[] = [];
  let bytes = 0;
  for (const entry of entries) {
    const entryBytes = Buffer.byteLength(entry.Detail ?? '');
    if (batch.length === MAX_ENTRIES || (batch.length > 0 && bytes + entryBytes > MAX_BYTES)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(entry);
    bytes += entryBytes;
  }
  if (batch.length > 0) yield batch;
}
