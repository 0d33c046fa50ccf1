import type { OutgoingEvent } from '../events/publish.ts';
import type { TableKey } from '../keys.ts';
import { expiresAt } from '../retention.ts';
import { getItem, updateItem } from './items.ts';

/**
 * How long a claim holds: the longest that a function may run (15 min) and Lambda's longest pause before
 * it tries again (2 min), with some room. After that only a new delivery, a replay say, can be interested.
 */
const CLAIM_MS = 20 * 60 * 1000;

export type Claim = { kind: 'ours' } | { kind: 'done'; outcome: OutgoingEvent } | { kind: 'taken' };

/**
 * Claims the work that an item stands for, so that of several deliveries of an event one does it:
 *
 *     delivery A (request a) ── owner := a ── works … crashes
 *     delivery B (request b) ──── owner is a: leaves
 *     A, retried (request a) ────────────────────────── owner is a: works … ── outcome := event ── publishes
 *     delivery C (request c) ─────────────────────────────────────────────────── done: publishes the same event
 *
 * Lambda keeps the request id over its retries of a delivery: the owner that crashed gets its own claim
 * back at once, and every other delivery can leave, for the owner will be retried or reported as failed.
 */
export async function claimWork(key: TableKey, requestId: string): Promise<Claim> {
  const now = Date.now();
  const claimed = await updateItem(key, {
    UpdateExpression: 'SET #owner = :me, claimedUntil = :until, #ttl = if_not_exists(#ttl, :ttl)',
    ConditionExpression:
      'attribute_not_exists(outcome) AND (attribute_not_exists(#owner) OR #owner = :me OR claimedUntil < :now)',
    ExpressionAttributeNames: { '#owner': 'owner', '#ttl': 'ttl' },
    ExpressionAttributeValues: {
      ':me': requestId,
      ':now': now,
      ':until': now + CLAIM_MS,
      ':ttl': expiresAt(),
    },
  });
  if (claimed) return { kind: 'ours' };
  const item = await getItem<{ outcome?: OutgoingEvent }>(key);
  return item?.outcome ? { kind: 'done', outcome: item.outcome } : { kind: 'taken' };
}

/**
 * Notes what came of the work, once and for all, before it is published: a crash in between, a second
 * delivery and a replay all publish this same event again instead of working again.
 * @returns the outcome that counts: another's, where a claim had run out and its owner came first after all
 */
export async function keepOutcome(key: TableKey, outcome: OutgoingEvent): Promise<OutgoingEvent> {
  const kept = await updateItem(key, {
    UpdateExpression: 'SET outcome = :outcome',
    ConditionExpression: 'attribute_not_exists(outcome)',
    ExpressionAttributeValues: { ':outcome': outcome },
  });
  if (kept) return outcome;
  const item = await getItem<{ outcome: OutgoingEvent }>(key);
  return item!.outcome;
}
