import { makeClipReceipt } from '../src/clip/make-receipt.ts';
import { receiptMetadata } from '../src/clip/receipt-metadata.ts';
import {
  clipReceiptSchema,
  EXAMPLE_CLIP_RECEIPT,
  segmentReceiptSchema,
} from '../src/events/receipt.ts';
import { fieldRows } from './field-rows.ts';
import { commentsOf, fieldTable } from './field-table.ts';

const SEGMENT_ROWS = fieldRows(segmentReceiptSchema);

/** The fields of a clip's receipt, without those that its segments have from their own. */
export function clipReceiptTable(): string {
  const ofSegments = new Set(SEGMENT_ROWS.map(({ path }) => `segments[].${path}`));
  const rows = fieldRows(clipReceiptSchema).filter(({ path }) => !ofSegments.has(path));
  return fieldTable(rows, commentsOf('receipt.ts', 'warnings.ts'));
}

export const segmentReceiptTable = (): string =>
  fieldTable(SEGMENT_ROWS, commentsOf('receipt.ts', 'warnings.ts'));

export const receiptExample = (): string => fenced(JSON.stringify(EXAMPLE_CLIP_RECEIPT, null, 2));

/** The metadata of the example, with a line for each segment: in S3 all is one line. */
export function metadataExample(): string {
  const { segments, join } = EXAMPLE_CLIP_RECEIPT;
  const receipts = segments.map((receipt) => ({ receipt, durationUs: receipt.durationUs }));
  const line = receiptMetadata(makeClipReceipt(receipts, join));
  return fenced(line.replaceAll('{"requestedMs"', '\n  {"requestedMs"'));
}

const fenced = (json: string) => `\`\`\`json\n${json}\n\`\`\``;
