import type { ClipRecord } from '#shared/clip/clip-record';
import type { RungRecord } from '#shared/clip/derivatives';
import { RUNG_NAMES } from '#shared/events/fields';
import { isNewer } from '#shared/executions';
import type { ClipFact } from './clip-fact.ts';
import type { DerivedFact } from './derived-fact.ts';

/**
 * The record after a fact about what is made of a finished clip. It speaks of the newest file that there is, even
 * where a still newer execution is at work or has failed: that one has left the file alone. Whatever order
 * facts come in, what was made stands, whoever has given up on it meanwhile.
 */
export function projectDerived(record: ClipRecord, fact: ClipFact): ClipRecord {
  const { derived, executionId, executionStartedAt } = fact;
  if (!derived) return record;
  const { derivedFrom } = record;
  if (derivedFrom?.executionId === executionId) return withDerived(record, derived);
  if (derivedFrom && !isNewer(fact, derivedFrom)) return record;
  const anew = {
    ...record,
    derivedFrom: { executionId, executionStartedAt },
    poster: undefined,
    thumbnails: undefined,
    thumbnailsError: undefined,
    renditions: undefined,
  };
  return withDerived(anew, derived);
}

function withDerived(record: ClipRecord, derived: DerivedFact): ClipRecord {
  if ('rung' in derived) return withRung(record, derived.rung);
  if (derived.thumbnails === 'made') {
    return { ...record, ...derived.pictures, thumbnailsError: undefined };
  }
  const isAnswered = record.poster !== undefined || record.thumbnailsError !== undefined;
  if (derived.thumbnails === 'requested' || isAnswered) return record;
  return { ...record, thumbnailsError: derived.error };
}

/** What says more about a rung. */
const WEIGHTS = { requested: 0, failed: 1, omitted: 2, made: 3 } as const;

function withRung(record: ClipRecord, rung: RungRecord): ClipRecord {
  const rungs = record.renditions ?? [];
  const known = rungs.find(({ name }) => name === rung.name);
  if (known && WEIGHTS[known.status] >= WEIGHTS[rung.status]) return record;
  const others = rungs.filter(({ name }) => name !== rung.name);
  const renditions = [...others, rung].sort(
    (a, b) => RUNG_NAMES.indexOf(a.name) - RUNG_NAMES.indexOf(b.name),
  );
  return { ...record, renditions };
}
