import { eventsPage, eventTable } from './event-pages.ts';
import { openApiFile } from './openapi.ts';
import {
  clipReceiptTable,
  metadataExample,
  receiptExample,
  segmentReceiptTable,
} from './receipt-tables.ts';

/** A file of the repository that is made, in whole or in part, from the schemas. */
export interface GeneratedFile {
  /** Relative to the repository. */
  readonly path: string;
  /** What the file should hold, given what it holds. */
  readonly make: (present: string) => string;
}

export const GENERATED_FILES: readonly GeneratedFile[] = [
  { path: 'docs/events.md', make: () => eventsPage() },
  { path: 'docs/openapi.yaml', make: () => openApiFile() },
  {
    path: 'docs/receipt.md',
    make: (present) =>
      replaceParts(present, {
        'of a clip': clipReceiptTable(),
        'of a segment': segmentReceiptTable(),
        example: receiptExample(),
        metadata: metadataExample(),
      }),
  },
  {
    path: 'README.md',
    make: (present) => replaceParts(present, { events: eventTable('docs/events.md#') }),
  },
];

/** Replaces what stands between the marks of each part, and nothing else. */
function replaceParts(text: string, parts: Record<string, string>): string {
  return Object.entries(parts).reduce((page, [name, content]) => {
    const begin = `<!-- ${name}: made by npm run docs:events -->`;
    const end = `<!-- /${name} -->`;
    const [before, rest] = page.split(begin);
    const after = rest?.split(end)[1];
    if (after === undefined) throw new Error(`A page must hold "${begin}" and "${end}".`);
    return `${before}${begin}\n${content}\n${end}${after}`;
  }, text);
}
