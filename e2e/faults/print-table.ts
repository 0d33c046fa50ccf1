import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Table from 'cli-table3';
import type { ReportedRow } from './report.ts';

/** Runs around `npm run test:faults`: prints, at its end, what was tried. */
export default function printTable(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'splicebus-faults-report-'));
  const file = join(folder, 'rows.jsonl');
  process.env.FAULTS_REPORT = file;
  const startedAt = performance.now();
  return () => {
    const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
    const rows = lines.map((line) => JSON.parse(line) as ReportedRow);
    rmSync(folder, { recursive: true });
    const table = new Table({
      head: ['', 'tried', 'delivered', 'duplicates', 'violations', 'seconds', 'media', ''],
      style: { head: [], border: [] },
    });
    for (const row of rows) {
      const { what, delivered, duplicates, violations, seconds, media, note } = row;
      table.push([
        what,
        triedOf(row),
        delivered,
        duplicates,
        violations,
        seconds,
        media,
        note ?? '',
      ]);
    }
    const sum = (name: 'delivered' | 'duplicates' | 'violations') =>
      rows.reduce((total, row) => total + row[name], 0);
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    table.push([
      'all',
      '',
      sum('delivered'),
      sum('duplicates'),
      sum('violations'),
      seconds,
      '',
      '',
    ]);
    const unfinished = rows.filter(({ of }) => of !== undefined);
    const names = unfinished.map((row) => `${row.what} (${triedOf(row)})`);
    const rest = names.length > 0 ? `, not finished: ${names.join(', ')}` : '';
    console.log(`\n${table}\nviolations: ${sum('violations')}${rest}`);
    // Neither a success nor a broken guarantee.
    if (names.length > 0) process.exitCode ||= EXIT_UNFINISHED;
  };
}

const EXIT_UNFINISHED = 3;

const triedOf = ({ tried, of }: ReportedRow): string =>
  of === undefined ? String(tried) : `${tried} of ${of}`;
