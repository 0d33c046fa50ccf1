import { readFileSync, writeFileSync } from 'node:fs';
import type { ClipRecord } from '#shared/clip/clip-record';
import type { ExecutionRecord } from '../../../services/status/src/execution-store.ts';
import type { LoggedEvent, Stored } from '../checker/final-state.ts';

/** What really happened, once. */
export const HISTORIES = [
  'complete',
  'failed-segment',
  'cancelled',
  'timed-out',
  'made-again',
] as const;

export type HistoryName = (typeof HISTORIES)[number];

/** A recording: a header line with the records it ended with, then a line for each event. */
export interface History {
  readonly records: FinalRecords;
  readonly events: readonly LoggedEvent[];
}

/** Records without what depends on when they were written. */
export interface FinalRecords {
  readonly clips: readonly Partial<ClipRecord>[];
  readonly executions: readonly Partial<ExecutionRecord>[];
}

const fileOf = (name: HistoryName) => new URL(`./${name}.jsonl`, import.meta.url);

export function readHistory(name: HistoryName): History {
  const [header, ...lines] = readFileSync(fileOf(name), 'utf8').trim().split('\n');
  return {
    records: JSON.parse(header!) as FinalRecords,
    events: lines.map((line) => JSON.parse(line) as LoggedEvent),
  };
}

export function writeHistory(name: HistoryName, { records, events }: History): void {
  const lines = [records, ...events].map((line) => JSON.stringify(line));
  writeFileSync(fileOf(name), `${lines.join('\n')}\n`);
}

/** The records of clips and executions, as far as every projection of the same events gives the same. */
export function finalRecords({ items }: Pick<Stored, 'items'>): FinalRecords {
  const clips = items.filter((item) => item.sk.startsWith('clip#') && item.statusHistory);
  const executions = items.filter(({ pk, sk }) => pk.startsWith('processing#') && sk === 'state');
  return { clips: clips.map(timeless), executions: executions.map(timeless) };
}

const WRITTEN_AT = ['createdAt', 'updatedAt', 'completedAt', 'ttl', 'GSI1SK', 'version'];

function timeless(item: Record<string, unknown>): Record<string, unknown> {
  const kept = Object.entries(item).filter(([name]) => !WRITTEN_AT.includes(name));
  return JSON.parse(
    JSON.stringify(Object.fromEntries(kept.sort(([a], [b]) => a.localeCompare(b))), (_, value) =>
      value instanceof Set ? [...value].sort() : value,
    ),
  );
}
