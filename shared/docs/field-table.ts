import { readFileSync } from 'node:fs';
import { readDocComments } from './doc-comments.ts';
import type { FieldRow } from './field-rows.ts';

const EVENTS_FOLDER = new URL('../src/events/', import.meta.url);

/** Fields as a Markdown table. @param comments what is said of each, by its name */
export function fieldTable(
  rows: readonly FieldRow[],
  comments: ReadonlyMap<string, string>,
): string {
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

/** What files of shared/src/events say about fields; the earlier file counts. */
export function commentsOf(...files: string[]): ReadonlyMap<string, string> {
  return readDocComments(files.map((file) => readFileSync(new URL(file, EVENTS_FOLDER), 'utf8')));
}
