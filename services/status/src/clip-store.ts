import { setTimeout as sleep } from 'node:timers/promises';
import type { ClipRecord } from '#shared/clip/clip-record';
import { TransientError } from '#shared/errors';
import { clipsByTimeKey, tableKeys } from '#shared/keys';
import { getItem, updateItem } from '#shared/storage/items';
import type { ClipFact } from './clip-fact.ts';
import { projectFact } from './project-fact.ts';

/** The events of a clip with many segments arrive together and all want the same item. */
const MAX_ATTEMPTS = 12;
const MAX_PAUSE_MS = 400;

/**
 * Projects a fact into the clip's record. Read, decide, write on condition that nobody wrote in between,
 * else again: no lock, and no event is lost to another.
 * @throws TransientError `CONFLICT` when others kept writing; the event is then delivered again
 */
export async function saveFact(fact: ClipFact): Promise<ClipRecord> {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const before = await getItem<Partial<ClipRecord>>(tableKeys.clip(fact));
    const after = projectFact(before, fact, new Date().toISOString());
    if (after === before) return after;
    if (await write(after, before)) return after;
    await sleep(Math.random() * Math.min(MAX_PAUSE_MS, 20 * 2 ** attempt));
  }
  throw new TransientError('CONFLICT', `Other events kept writing clip ${fact.clipId}.`);
}

/** Writes only what changed: attributes that upstream keeps on the item stay upstream's. */
async function write(after: ClipRecord, before: Partial<ClipRecord> = {}): Promise<boolean> {
  const old: Record<string, unknown> = { ...before };
  const changes = Object.entries({ ...after, ...clipsByTimeKey(after, after.createdAt) }).filter(
    ([name, value]) => value !== old[name],
  );
  const kept = changes.filter(([, value]) => value !== undefined);
  const removed = changes.filter(([, value]) => value === undefined);
  const set = `SET ${kept.map(([name]) => `#${name} = :${name}`).join(', ')}`;
  const remove = `REMOVE ${removed.map(([name]) => `#${name}`).join(', ')}`;
  const written = await updateItem(tableKeys.clip(after), {
    UpdateExpression: removed.length > 0 ? `${set} ${remove}` : set,
    ConditionExpression:
      before.version === undefined ? 'attribute_not_exists(#version)' : '#version = :read',
    ExpressionAttributeNames: Object.fromEntries(changes.map(([name]) => [`#${name}`, name])),
    ExpressionAttributeValues: {
      ...Object.fromEntries(kept.map(([name, value]) => [`:${name}`, value])),
      ...(before.version === undefined ? {} : { ':read': before.version }),
    },
  });
  return written !== undefined;
}
