import { relative } from 'node:path';
import Table from 'cli-table3';
import type { ClipRecord } from '#shared/clip/clip-record';
import { formatTime } from '#shared/time';

/** One finished, or failed, clip as the user sees it. */
export interface ClipRow {
  record: ClipRecord;
  /** Absolute path of the file on this machine; absent where there is none. */
  path?: string;
  /** From the request to the end of the clip. */
  takenMs?: number;
}

/** Beside the status of a clip that is less than what was asked for, and in front of what it lacks. */
const WARNING_MARK = '⚠';

/** The closing table, and below it why clips failed, and in what others are less than what was asked for. */
export function clipTable(rows: readonly ClipRow[]): string {
  const table = new Table({
    head: ['clip', 'status', 'segments', 'length', 'size', 'time', 'file'],
    style: { head: [], border: [], compact: true },
  });
  for (const { record, path, takenMs } of rows) {
    table.push([
      record.clipId,
      record.warnings ? `${record.status} ${WARNING_MARK}` : record.status,
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
  return [table.toString(), ...reasons, ...rows.flatMap(warningLines)].join('\n');
}

function warningLines({ record: { clipId, warnings = [], moreWarnings = 0 } }: ClipRow): string[] {
  const lines = warnings.map(({ code, message, atMs }) => {
    const at = atMs === undefined ? '' : ` at ${formatTime(atMs)}`;
    return `${clipId}: ${WARNING_MARK} ${code}${at}: ${message}`;
  });
  const more = `${clipId}: ${WARNING_MARK} ${moreWarnings} more warnings`;
  return moreWarnings > 0 ? [...lines, more] : lines;
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
