import { expect, it } from 'vitest';
import { largestReceipt } from '#shared/clip/receipt.fixture';
import { ClipGenerationStarted } from '#shared/events/clip-generation-started';
import { ClipStitched } from '#shared/events/clip-stitched';
import type { BusEvent, EventDefinition } from '#shared/events/define-event';
import { RUNG_NAMES } from '#shared/events/fields';
import { eventIdOf } from '#shared/events/identity';
import { RenditionFailed } from '#shared/events/rendition-failed';
import { RenditionRequested } from '#shared/events/rendition-requested';
import { SegmentExtracted } from '#shared/events/segment-extracted';
import { SegmentRequested } from '#shared/events/segment-requested';
import { StitchRequested } from '#shared/events/stitch-requested';
import { ThumbnailsMade } from '#shared/events/thumbnails-made';
import { ThumbnailsRequested } from '#shared/events/thumbnails-requested';
import { warningsOf } from '#shared/events/warnings';
import { readFact } from './clip-fact.ts';
import { projectFact } from './project-fact.ts';

const SEGMENTS = 100;
const MAX_ITEM_BYTES = 400 * 1024;
const NOW = '2026-03-01T12:30:00.000Z';

type Detail = Record<string, unknown> & {
  executionId: string;
  executionStartedAt: string;
  clipId: string;
  meta: object;
};

function eventOf(definition: EventDefinition, changes: object, segmentIndex?: number): BusEvent {
  const { detailType, source } = definition;
  const example = definition.example as Detail;
  const ids = { ...example, ...changes };
  const eventId = eventIdOf(definition, { ...ids, segmentIndex });
  const { executionStartedAt: occurredAt } = ids;
  const detail = { ...ids, segmentIndex, meta: { ...example.meta, eventId, occurredAt } };
  return { id: eventId, source, 'detail-type': detailType, time: NOW, detail };
}

/** As long as a message gets. */
const LONG_ERROR = { code: 'RENDITION_FAILED', message: 'm'.repeat(2_000) };
/** Beside the segments' own: the begin, the stitch and its end, thumbnails, three rungs. */
const OTHER_EVENTS = 3 + 2 + 2 * RUNG_NAMES.length;

/** As the trigger cuts them off: 500 and 200 bytes. */
const quoted = {
  startMs: 358_000_123,
  endMs: 359_000_123,
  text: 't'.repeat(500),
  speaker: 's'.repeat(200),
};

const receipt = largestReceipt(SEGMENTS);

const each = Array.from({ length: SEGMENTS }, (_, index) => index);
/** All that happens to the largest clip in one execution. */
function eventsOf(ids: { executionId: string; executionStartedAt: string }): BusEvent[] {
  return [
    eventOf(ClipGenerationStarted, { ...ids, segments: each.map(() => quoted) }),
    ...each.map((index) => eventOf(SegmentRequested, ids, index)),
    ...each.map((index) => eventOf(SegmentExtracted, ids, index)),
    eventOf(StitchRequested, ids),
    eventOf(ClipStitched, { ...ids, receipt, ...warningsOf(receipt) }),
    eventOf(ThumbnailsRequested, ids),
    eventOf(ThumbnailsMade, ids),
    ...RUNG_NAMES.flatMap((rendition) => [
      eventOf(RenditionRequested, { ...ids, rendition }),
      eventOf(RenditionFailed, { ...ids, rendition, error: LONG_ERROR }),
    ]),
  ];
}

type RecordSoFar = ReturnType<typeof projectFact> | undefined;

const project = (events: readonly BusEvent[], record?: RecordSoFar) =>
  events.reduce<RecordSoFar>(
    (before, event) => projectFact(before, readFact(event)!, NOW),
    record,
  )!;

// JSON takes more room than DynamoDB counts: a number is half its digits there, a name has no quotes.
const bytesOf = (record: object) => Buffer.byteLength(JSON.stringify(record));

const execution = (n: number) => ({
  executionId: n.toString(16).padStart(32, '0'),
  executionStartedAt: new Date(Date.parse(NOW) + n * 60_000).toISOString(),
});

it('the record of the largest clip fits into an item', () => {
  const record = project(eventsOf(execution(0)));
  expect(record).toMatchObject({
    status: 'Generation Complete',
    version: 2 * SEGMENTS + OTHER_EVENTS,
  });
  expect(record.receipt?.segments).toHaveLength(SEGMENTS);
  expect(record.statusHistory).toHaveLength(2 * SEGMENTS + OTHER_EVENTS);
  expect(bytesOf(record)).toBeLessThan(MAX_ITEM_BYTES);
});

it('and still does when the clip is made again and again', () => {
  let record: RecordSoFar;
  for (let n = 0; n < 12; n++) record = project(eventsOf(execution(n)), record);
  expect(bytesOf(record!)).toBeLessThan(MAX_ITEM_BYTES);
  const historyOf = (n: number) =>
    record!.statusHistory.filter(({ executionId }) => executionId === execution(n).executionId);
  expect(historyOf(11)).toHaveLength(2 * SEGMENTS + OTHER_EVENTS);
  expect(historyOf(0).map(({ event }) => event)).toEqual(['ClipGenerationStarted', 'ClipStitched']);
});
