import { eventsPage, eventTable } from './event-pages.ts';

const BEGIN = '<!-- events: made by npm run docs:events -->';
const END = '<!-- /events -->';

/** A file of the repository that is made, in whole or in part, from the schemas. */
export interface GeneratedFile {
  /** Relative to the repository. */
  readonly path: string;
  /** What the file should hold, given what it holds. */
  readonly make: (present: string) => string;
}

export const GENERATED_FILES: readonly GeneratedFile[] = [
  { path: 'docs/events.md', make: () => eventsPage() },
  { path: 'README.md', make: (present) => replaceTable(present, eventTable('docs/events.md#')) },
];

function replaceTable(text: string, table: string): string {
  const [before, rest] = text.split(BEGIN);
  const after = rest?.split(END)[1];
  if (after === undefined) throw new Error(`README.md must hold "${BEGIN}" and "${END}".`);
  return `${before}${BEGIN}\n${table}\n${END}${after}`;
}
