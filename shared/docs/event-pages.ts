import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { BeginClipGeneration, clipRequestSchema } from '../src/events/begin-clip-generation.ts';
import { EVENT_CATALOGUE } from '../src/events/catalogue.ts';
import type { EventDefinition } from '../src/events/define-event.ts';
import { executionFields } from '../src/events/fields.ts';
import { readDocComments } from './doc-comments.ts';
import { type FieldRow, fieldRows } from './field-rows.ts';

const EVENTS_FOLDER = new URL('../src/events/', import.meta.url);

const COMMON_ROWS = fieldRows(z.looseObject(executionFields));

const INTRODUCTION = `<!-- Made by \`npm run docs:events\` from the schemas in shared/src/events: change those. -->

# Events

All events travel on one bus, \`splicebus-<stage>\`. They are listed in the order in which a clip meets
them. Producers and consumers parse with the same schema: what does not fit is refused with the path of
the field, fields that a schema does not know are kept and ignored.

Two more events make the services work: S3's \`Object Created\` of a recommendations file, on the default bus,
and \`Lambda Function Invocation Result - Failure\`, which Lambda puts on ours when a function gives up.

Types: an *id* has 1–128 letters, digits, \`-\`, \`_\` or single dots and begins with a letter or digit.
A *UTC time* is ISO 8601 ending in \`Z\`. Names that end in \`Ms\` and \`Us\` are milliseconds and
microseconds.`;

/** The catalogue as a page: every event with its fields and an example. */
export function eventsPage(): string {
  const events = EVENT_CATALOGUE.map((event) => eventSection(event));
  return `${[INTRODUCTION, eventTable('#'), commonSection(), ...events].join('\n\n')}\n`;
}

/**
 * The short table: name, source, meaning.
 * @param page what links to an event's section begin with
 */
export function eventTable(page: string): string {
  const rows = EVENT_CATALOGUE.map(
    ({ detailType, source, meaning }) =>
      `| [${detailType}](${page}${anchorOf(detailType)}) | \`${source}\` | ${meaning} |`,
  );
  return ['| detail-type | source | what it says |', '|---|---|---|', ...rows].join('\n');
}

function commonSection(): string {
  return [
    '## Common fields',
    'What every event of the services carries in its detail, unless its own table says otherwise.',
    fieldTable(COMMON_ROWS, commentsOf('fields.ts')),
  ].join('\n\n');
}

function eventSection(event: EventDefinition): string {
  const rows = rowsOf(event);
  const isOurs = COMMON_ROWS.every((common) => rows.some((row) => isSame(row, common)));
  const own = rows.filter((row) => !isOurs || !COMMON_ROWS.some((common) => isSame(row, common)));
  const example = JSON.stringify(event.example, null, 2);
  return [
    `## ${event.detailType}`,
    `${event.meaning} Source: \`${event.source}\`.`,
    fieldTable(own, commentsOf(fileOf(event), 'fields.ts')),
    ...(isOurs ? ['And the [common fields](#common-fields).'] : []),
    `\`\`\`json\n${example}\n\`\`\``,
  ].join('\n\n');
}

/** Clips of a request are checked one by one, so they are no part of the event's own schema. */
function rowsOf(event: EventDefinition): FieldRow[] {
  const rows = fieldRows(event.schema);
  if (event.detailType !== BeginClipGeneration.detailType) return rows;
  return rows.flatMap((row) =>
    row.path === 'clips' ? [row, ...fieldRows(clipRequestSchema, 'clips[]')] : [row],
  );
}

function fieldTable(rows: readonly FieldRow[], comments: ReadonlyMap<string, string>): string {
  const lines = rows.map((row) => {
    const name = row.path.split('.').at(-1)!;
    return `| \`${row.path}\` | ${row.type} | ${presenceOf(row)} | ${comments.get(name) ?? ''} |`;
  });
  return ['| field | type | required | |', '|---|---|---|---|', ...lines].join('\n');
}

function presenceOf({ required, default: value }: FieldRow): string {
  if (value !== undefined) return `no: \`${JSON.stringify(value)}\``;
  return required ? 'yes' : 'no';
}

const isSame = (a: FieldRow, b: FieldRow) => a.path === b.path && a.required === b.required;

function commentsOf(...files: string[]): ReadonlyMap<string, string> {
  return readDocComments(files.map((file) => readFileSync(new URL(file, EVENTS_FOLDER), 'utf8')));
}

/** Every event has a file of its own, named for it. */
function fileOf({ detailType }: EventDefinition): string {
  return `${detailType
    .replaceAll(/([a-z])([A-Z])/g, '$1-$2')
    .replaceAll(' ', '-')
    .toLowerCase()}.ts`;
}

/** As GitHub makes it of a heading. */
const anchorOf = (heading: string) => heading.toLowerCase().replaceAll(' ', '-');
