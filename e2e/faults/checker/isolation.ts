import { isDeepStrictEqual } from 'node:util';
import { UPSTREAM_SOURCE } from '#shared/events/define-event';
import { episodeOfRecommendations, episodePartition } from '#shared/keys';
import type { FinalState } from './final-state.ts';
import type { Violation } from './violation.ts';

/** What nobody has asked for is as it was: other tenants, other episodes, the sources themselves. */
export function checkIsolation({ items, objects, events, before }: FinalState): Violation[] {
  const asked = events
    .filter(({ source }) => source === UPSTREAM_SOURCE)
    .map(({ detail }) => detail);
  const partitions = new Set(
    asked.map(({ tenantId = '', episodeId = '' }) => episodePartition({ tenantId, episodeId })),
  );
  const executions = events.flatMap(({ detail }) => detail.executionId ?? []);
  for (const executionId of executions) partitions.add(`processing#${executionId}`);
  const folders = new Set(asked.map(({ episodeId }) => `${episodeId}/clips/`));
  const mayItem = ({ pk, sk }: { pk: string; sk: string }) =>
    partitions.has(pk) && sk !== 'episode';
  // Recommendations are put there by whoever asks, whatever becomes of them.
  const mayObject = ({ key }: { key: string }) =>
    episodeOfRecommendations(key) !== undefined ||
    folders.has(/^[^/]+\/clips\//.exec(key)?.[0] ?? '');

  return [
    ...changes(before.items.filter(not(mayItem)), items.filter(not(mayItem)), nameOfItem),
    ...changes(
      before.objects.filter(not(mayObject)),
      objects.filter(not(mayObject)),
      ({ key }) => key,
    ),
  ];
}

const nameOfItem = ({ pk, sk }: { pk: string; sk: string }) => `${pk} ${sk}`;

const not =
  <Value>(test: (value: Value) => boolean) =>
  (value: Value) =>
    !test(value);

function changes<Value>(
  before: readonly Value[],
  after: readonly Value[],
  nameOf: (value: Value) => string,
): Violation[] {
  const left = new Map(after.map((value) => [nameOf(value), value]));
  const known = new Map(before.map((value) => [nameOf(value), value]));
  const names = new Set([...left.keys(), ...known.keys()]);
  return [...names].flatMap((subject): Violation[] => {
    if (isDeepStrictEqual(left.get(subject), known.get(subject))) return [];
    const what = known.has(subject) ? (left.has(subject) ? 'changed' : 'removed') : 'added';
    return [{ guarantee: 'isolation', subject, detail: `it was ${what}` }];
  });
}
