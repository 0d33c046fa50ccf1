import * as z from 'zod';
import { BeginClipGeneration, clipRequestSchema } from '../src/events/begin-clip-generation.ts';
import { EVENT_CATALOGUE } from '../src/events/catalogue.ts';
import {
  cutOptionsSchema,
  DEFAULT_CUT_OPTIONS,
  DEFAULTS_WHERE_ABSENT,
} from '../src/events/cut-options.ts';
import type { EventDefinition } from '../src/events/define-event.ts';
import { executionFields } from '../src/events/fields.ts';
import { type FieldRow, fieldRows } from './field-rows.ts';
import { commentsOf, fieldTable } from './field-table.ts';

const COMMON_ROWS = fieldRows(z.looseObject(executionFields));

const DEFAULTS = { ...DEFAULT_CUT_OPTIONS, ...DEFAULTS_WHERE_ABSENT };

const OPTION_ROWS = fieldRows(cutOptionsSchema).map((row) => ({
  ...row,
  required: false,
  default: Object.entries(DEFAULTS).find(([name]) => name === row.path)?.[1],
}));

const INTRODUCTION = `<!-- Made by \`npm run docs:events\` from the schemas in shared/src/events: change those. -->

# Events

All events travel on one bus, \`splicebus-<stage>\`. They are listed in the order in which a clip meets
them. Producers and consumers parse with the same schema: what does not fit is refused with the path of
the field, fields that a schema does not know are kept and ignored.

Two more events make the services work: S3's \`Object Created\` of a recommendations file and of a finished clip, on
the default bus, and \`Lambda Function Invocation Result - Failure\`, which Lambda puts on ours when a function
gives up.

Types: an *id* has 1–128 letters, digits, \`-\`, \`_\` or single dots and begins with a letter or digit.
A *UTC time* is ISO 8601 ending in \`Z\`. Names that end in \`Ms\` and \`Us\` are milliseconds and
microseconds.`;

/** The catalogue as a page: every event with its fields and an example. */
export function eventsPage(): string {
  const events = EVENT_CATALOGUE.map((event) => eventSection(event));
  const shared = [commonSection(), optionsSection()];
  return `${[INTRODUCTION, eventTable('#'), ...shared, ...events].join('\n\n')}\n`;
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

function optionsSection(): string {
  return [
    '## Options',
    'How clips are cut, and what is made of them besides. A request has them for all of its clips; those that a clip has itself win. `audio` is `"copy"` by default where `cut` is.',
    fieldTable(OPTION_ROWS, commentsOf('cut-options.ts')),
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
    fieldTable(own, commentsFor(event)),
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

function commentsFor(event: EventDefinition): ReadonlyMap<string, string> {
  if (event.detailType !== BeginClipGeneration.detailType) {
    const hasWarnings = fieldRows(event.schema).some(({ path }) => path === 'warnings');
    const shared = hasWarnings ? ['warnings.ts', 'fields.ts'] : ['fields.ts'];
    return commentsOf(fileOf(event), ...shared);
  }
  const onOptions = OPTION_ROWS.map(({ path }) => [path, 'See [options](#options).'] as const);
  return new Map([...commentsOf(fileOf(event)), ...onOptions]);
}

const isSame = (a: FieldRow, b: FieldRow) => a.path === b.path && a.required === b.required;

/** Every event has a file of its own, named for it. */
function fileOf({ detailType }: EventDefinition): string {
  return `${detailType
    .replaceAll(/([a-z])([A-Z])/g, '$1-$2')
    .replaceAll(' ', '-')
    .toLowerCase()}.ts`;
}

/** As GitHub makes it of a heading. */
const anchorOf = (heading: string) => heading.toLowerCase().replaceAll(' ', '-');
