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
    for (const { what, tried, delivered, duplicates, violations, seconds, media, note } of rows) {
      table.push([what, tried, delivered, duplicates, violations, seconds, media, note ?? '']);
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
    console.log(`\n${table}`);
  };
}
