import { type ClipRecord, isTerminal } from '#shared/clip/clip-record';
import { tableKeys } from '#shared/keys';
import { isAboutDerived } from './about-derived.ts';
import { type ClipRun, clipRuns, isAccepted, nameOf, runsByClip } from './clip-runs.ts';
import type { FinalState } from './final-state.ts';
import type { Guarantee, Violation } from './violation.ts';

/** Clip records against the events that they are a projection of. */
export function checkRecords(state: FinalState): Violation[] {
  return runsByClip(clipRuns(state)).flatMap((runs) => checkRecord(runs, state));
}

function checkRecord(runs: readonly ClipRun[], { items }: FinalState): Violation[] {
  const newest = runs[0]!;
  const { pk, sk } = tableKeys.clip(newest);
  const record = items.find((item) => item.pk === pk && item.sk === sk) as ClipRecord | undefined;
  const subject = nameOf(newest);
  if (!record?.statusHistory) {
    return [{ guarantee: 'one-end', subject, detail: 'it has no record' }];
  }
  const violations: Violation[] = [];
  const broken = (guarantee: Guarantee, detail: string) =>
    violations.push({ guarantee, subject, detail });

  const { status, executionId } = record;
  if (executionId !== newest.executionId) {
    broken('newest-execution', `the record speaks of ${executionId}`);
  }
  if (isAccepted(newest) && !isTerminal(status)) broken('one-end', `it is still ${status}`);
  violations.push(...checkTerminal(record, subject), ...checkHistory(record, runs, subject));
  return violations;
}

/** The status is one that an event of the execution stands for, and a terminal one if there was any. */
function checkTerminal(record: ClipRecord, subject: string): Violation[] {
  const { status, executionId, statusHistory } = record;
  const own = statusHistory.filter((entry) => entry.executionId === executionId);
  // What is made of the finished clip is told of as complete, but completes nothing.
  const ends = own
    .filter(({ event }) => !isAboutDerived(event))
    .map((entry) => entry.status)
    .filter(isTerminal);
  const isInProgress = own.length > 0 && status === 'Generation in Progress';
  if (ends.length === 0 ? isInProgress : isOneOf(ends, status)) {
    return [];
  }
  const detail = `it is ${status}, but its events stand for ${[...new Set(ends)].join(', ') || 'nothing of the kind'}`;
  return [{ guarantee: 'terminal-stays', subject, detail }];
}

function checkHistory(
  { statusHistory }: ClipRecord,
  runs: readonly ClipRun[],
  subject: string,
): Violation[] {
  const violations: Violation[] = [];
  const broken = (detail: string) => violations.push({ guarantee: 'history', subject, detail });

  const ids = statusHistory.map(({ eventId }) => eventId);
  const repeated = ids.filter((id, place) => ids.indexOf(id) !== place);
  if (repeated.length > 0) broken(`it holds ${repeated.join(', ')} more than once`);

  const times = statusHistory.map(({ timestamp }) => timestamp);
  const late = times.findIndex((time, place) => place > 0 && time < times[place - 1]!);
  if (late !== -1) broken(`entry ${late} is of before entry ${late - 1}`);

  const published = new Set(
    runs.flatMap(({ events }) => events).map(({ detail }) => detail.meta?.eventId),
  );
  const lost = [...published].filter((id) => id && !ids.includes(id));
  if (lost.length > 0) broken(`it lacks ${lost.join(', ')}`);
  const invented = ids.filter((id) => !published.has(id));
  if (invented.length > 0) broken(`it holds ${invented.join(', ')}, which nobody has published`);
  return violations;
}

const isOneOf = <Value>(values: readonly Value[], value: unknown): boolean =>
  values.some((one) => one === value);
