import { isTerminal, type StatusEntry } from '#shared/clip/clip-record';
import { isAboutDerived } from './derived-fact.ts';

/** An item holds 400 KB, of which segments and receipt of the largest clip take some 200. */
const MAX_BYTES = 160 * 1024;

/**
 * The history as far as it fits into the record: some 500 events. Of a clip that is requested again and
 * again, the oldest executions keep only how they began and ended, and in the end not even that. The archive
 * holds all of it.
 * @param history in time order
 */
export function boundedHistory(history: StatusEntry[]): StatusEntry[] {
  if (bytesOf(history) <= MAX_BYTES) return history;
  let kept = history;
  for (const executionId of new Set(history.map((entry) => entry.executionId))) {
    kept = withoutProgress(kept, executionId);
    if (bytesOf(kept) <= MAX_BYTES) return kept;
  }
  while (bytesOf(kept) > MAX_BYTES) kept = kept.slice(Math.ceil(kept.length / 10));
  return kept;
}

function withoutProgress(history: StatusEntry[], executionId: string): StatusEntry[] {
  const first = history.find((entry) => entry.executionId === executionId);
  return history.filter(
    (entry) => entry.executionId !== executionId || entry === first || isEnd(entry),
  );
}

const isEnd = ({ status, event }: StatusEntry) => isTerminal(status) && !isAboutDerived(event);

const bytesOf = (history: readonly StatusEntry[]) => Buffer.byteLength(JSON.stringify(history));
