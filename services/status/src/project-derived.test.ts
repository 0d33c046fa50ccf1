import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ClipRecord } from '#shared/clip/clip-record';
import { ClipGenerationFailed } from '#shared/events/clip-generation-failed';
import { ClipGenerationStarted } from '#shared/events/clip-generation-started';
import { ClipStitched } from '#shared/events/clip-stitched';
import type { BusEvent, EventDefinition } from '#shared/events/define-event';
import { RenditionFailed } from '#shared/events/rendition-failed';
import { RenditionMade } from '#shared/events/rendition-made';
import { RenditionOmitted } from '#shared/events/rendition-omitted';
import { RenditionRequested } from '#shared/events/rendition-requested';
import { ThumbnailsFailed } from '#shared/events/thumbnails-failed';
import { ThumbnailsMade } from '#shared/events/thumbnails-made';
import { ThumbnailsRequested } from '#shared/events/thumbnails-requested';
import { readFact } from './clip-fact.ts';
import { projectFact } from './project-fact.ts';

const NOW = '2026-03-01T13:00:00.000Z';
const execution = (n: number) => ({
  executionId: String(n).repeat(32),
  executionStartedAt: `2026-03-01T12:0${n}:00.000Z`,
});
const [FIRST, SECOND] = [execution(1), execution(2)];

let moment = 0;
function eventOf(definition: EventDefinition, ids = FIRST, changes: object = {}): BusEvent {
  const { detailType, source } = definition;
  const example = definition.example as { meta: object };
  const eventId = `${ids.executionId}-${detailType}-${JSON.stringify(changes)}`;
  const occurredAt = new Date(Date.parse(ids.executionStartedAt) + ++moment).toISOString();
  const meta = { ...example.meta, eventId, occurredAt };
  const detail = { ...example, ...ids, ...changes, meta };
  return { id: eventId, source, 'detail-type': detailType, time: NOW, detail };
}

const project = (events: readonly BusEvent[], record?: ClipRecord) =>
  events.reduce<ClipRecord | undefined>(
    (before, event) => projectFact(before, readFact(event)!, NOW),
    record,
  )!;

/** What stands in the record whatever order events came in. */
const settled = ({ version: _, createdAt: __, ...record }: ClipRecord) => record;

const aftermath = (ids = FIRST): BusEvent[] => [
  eventOf(ThumbnailsRequested, ids),
  eventOf(RenditionRequested, ids, { rendition: 'source' }),
  eventOf(RenditionRequested, ids, { rendition: '720p' }),
  eventOf(RenditionRequested, ids, { rendition: '1080p' }),
  eventOf(ThumbnailsMade, ids),
  eventOf(RenditionMade, ids, { rendition: 'source' }),
  eventOf(RenditionFailed, ids, { rendition: '720p' }),
  eventOf(RenditionOmitted, ids, { rendition: '1080p' }),
];
const complete = (ids = FIRST) => [eventOf(ClipGenerationStarted, ids), eventOf(ClipStitched, ids)];

describe('what is made of a finished clip', () => {
  it('is in its record, and changes neither its status nor its error', () => {
    const record = project([...complete(), ...aftermath()]);
    expect(record).toMatchObject({
      status: 'Generation Complete',
      derivedFrom: FIRST,
      poster: ThumbnailsMade.example.poster,
      thumbnails: ThumbnailsMade.example.thumbnails,
      renditions: [
        { name: 'source', status: 'made', s3Key: RenditionMade.example.s3Key },
        { name: '720p', status: 'failed', error: { code: 'FUNCTION_TIMED_OUT' } },
        { name: '1080p', status: 'omitted', reason: { code: 'RENDITION_NOT_SMALLER' } },
      ],
    });
    expect(record.renditions?.[0]).not.toHaveProperty('meta');
    expect(record.processingError).toBeUndefined();
    expect(record.thumbnailsError).toBeUndefined();
    const last = record.statusHistory.slice(-8);
    expect(new Set(last.map(({ status }) => status))).toEqual(new Set(['Generation Complete']));
    expect(last.find(({ event }) => event === 'RenditionFailed')).toMatchObject({
      rendition: '720p',
      error: { code: 'FUNCTION_TIMED_OUT' },
    });
  });

  it('gives the same record whatever order the events come in, however often', () => {
    const run = [...complete(), ...aftermath()];
    const expected = settled(project(run));
    fc.assert(
      fc.property(fc.shuffledSubarray([...run, ...run], { minLength: 20 }), (events) => {
        expect(settled(project(events))).toEqual(expected);
      }),
    );
  });

  it('does not make a clip complete of which nothing else is known', () => {
    expect(project(aftermath())).toMatchObject({ status: 'Generation in Progress' });
  });

  it('is that of the newest file, even where a newer execution makes none', () => {
    const second = [eventOf(ClipGenerationStarted, SECOND), eventOf(ClipGenerationFailed, SECOND)];
    const run = [...complete(), ...aftermath(), ...second];
    fc.assert(
      fc.property(fc.shuffledSubarray(run, { minLength: run.length }), (events) => {
        const record = project(events);
        expect(record).toMatchObject({ status: 'Generation Failed', derivedFrom: FIRST });
        expect(record.poster).toBeDefined();
        expect(record.renditions).toHaveLength(3);
      }),
    );
  });

  it('is none of an older file once there is a newer one', () => {
    const run = [...complete(), ...aftermath(), ...complete(SECOND)];
    const second = [
      eventOf(ThumbnailsFailed, SECOND),
      eventOf(RenditionMade, SECOND, { rendition: 'source' }),
    ];
    fc.assert(
      fc.property(
        fc.shuffledSubarray([...run, ...second], { minLength: run.length + 2 }),
        (events) => {
          const record = project(events);
          expect(record).toMatchObject({ status: 'Generation Complete', derivedFrom: SECOND });
          expect(record.poster).toBeUndefined();
          expect(record.thumbnailsError).toMatchObject({ code: 'CLIP_WITHOUT_PICTURES' });
          expect(record.renditions?.map(({ name }) => name)).toEqual(['source']);
        },
      ),
    );
  });

  it('stands once it was made, whoever gave up on it', () => {
    const events = [
      eventOf(RenditionFailed, FIRST, { rendition: '720p' }),
      eventOf(RenditionMade, FIRST, { rendition: '720p' }),
      eventOf(ThumbnailsFailed),
      eventOf(ThumbnailsMade),
    ];
    fc.assert(
      fc.property(fc.shuffledSubarray(events, { minLength: 4 }), (shuffled) => {
        const record = project(shuffled);
        expect(record.renditions).toMatchObject([{ name: '720p', status: 'made' }]);
        expect(record.poster).toBeDefined();
        expect(record.thumbnailsError).toBeUndefined();
      }),
    );
  });
});
