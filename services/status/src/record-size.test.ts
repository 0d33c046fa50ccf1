import { expect, it } from 'vitest';
import { largestReceipt } from '#shared/clip/receipt.fixture';
import { ClipGenerationStarted } from '#shared/events/clip-generation-started';
import { ClipStitched } from '#shared/events/clip-stitched';
import type { BusEvent, EventDefinition } from '#shared/events/define-event';
import { eventIdOf } from '#shared/events/identity';
import { SegmentExtracted } from '#shared/events/segment-extracted';
import { SegmentRequested } from '#shared/events/segment-requested';
import { StitchRequested } from '#shared/events/stitch-requested';
import { readFact } from './clip-fact.ts';
import { projectFact } from './project-fact.ts';

const SEGMENTS = 100;
const MAX_ITEM_BYTES = 400 * 1024;
const NOW = '2026-03-01T12:30:00.000Z';

type Detail = Record<string, unknown> & { executionId: string; clipId: string; meta: object };

function eventOf(definition: EventDefinition, changes: object, segmentIndex?: number): BusEvent {
  const { detailType, source } = definition;
  const example = definition.example as Detail;
  const eventId = eventIdOf(definition, { ...example, segmentIndex });
  const detail = { ...example, segmentIndex, ...changes, meta: { ...example.meta, eventId } };
  return { id: eventId, source, 'detail-type': detailType, time: NOW, detail };
}

/** As the trigger cuts them off: 500 and 200 bytes. */
const quoted = {
  startMs: 358_000_123,
  endMs: 359_000_123,
  text: 't'.repeat(500),
  speaker: 's'.repeat(200),
};

it('the record of the largest clip fits into an item', () => {
  const each = Array.from({ length: SEGMENTS }, (_, index) => index);
  const events = [
    eventOf(ClipGenerationStarted, { segments: each.map(() => quoted) }),
    ...each.map((index) => eventOf(SegmentRequested, {}, index)),
    ...each.map((index) => eventOf(SegmentExtracted, {}, index)),
    eventOf(StitchRequested, {}),
    eventOf(ClipStitched, { receipt: largestReceipt(SEGMENTS) }),
  ];
  const record = events.reduce<ReturnType<typeof projectFact> | undefined>(
    (before, event) => projectFact(before, readFact(event)!, NOW),
    undefined,
  )!;
  expect(record).toMatchObject({ status: 'Generation Complete', version: 2 * SEGMENTS + 3 });
  expect(record.receipt?.segments).toHaveLength(SEGMENTS);
  // JSON takes more room than DynamoDB counts: a number is half its digits there, a name has no quotes.
  expect(Buffer.byteLength(JSON.stringify(record))).toBeLessThan(MAX_ITEM_BYTES);
});
