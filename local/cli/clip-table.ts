import { relative } from 'node:path';
import Table from 'cli-table3';
import type { ClipRecord } from '#shared/clip/clip-record';

/** One finished, or failed, clip as the user sees it. */
export interface ClipRow {
  record: ClipRecord;
  /** Absolute path of the file on this machine; absent where there is none. */
  path?: string;
  /** From the request to the end of the clip. */
  takenMs?: number;
}

/** The closing table, and below it why clips failed. */
export function clipTable(rows: readonly ClipRow[]): string {
  const table = new Table({
    head: ['clip', 'status', 'segments', 'length', 'size', 'time', 'file'],
    style: { head: [], border: [], compact: true },
  });
  for (const { record, path, takenMs } of rows) {
    table.push([
      record.clipId,
      record.status,
      record.segments?.length ?? '–',
      record.duration ?? '–',
      record.fileSize === undefined ? '–' : formatBytes(record.fileSize),
      takenMs === undefined ? '–' : `${(takenMs / 1000).toFixed(1)} s`,
      path === undefined ? '–' : shortest(path),
    ]);
  }
  const reasons = rows.flatMap(({ record: { clipId, processingError } }) =>
    processingError ? [`${clipId}: ${processingError.code}: ${processingError.message}`] : [],
  );
  return [table.toString(), ...reasons].join('\n');
}

/** The path as one would type it here. */
function shortest(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return fromHere.startsWith('..') ? path : fromHere;
}

function formatBytes(bytes: number): string {
  if (bytes < 1e6) return `${Math.ceil(bytes / 1e3)} kB`;
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
