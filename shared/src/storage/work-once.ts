import type { OutgoingEvent } from '../events/publish.ts';
import type { TableKey } from '../keys.ts';
import { logger } from '../observability/telemetry.ts';
import { expiresAt } from '../retention.ts';
import { getItem, updateItem } from './items.ts';

/**
 * How long a claim holds: the longest that a function may run (15 min) and Lambda's longest pause before
 * it tries again (2 min), with some room. After that only a new delivery, a replay say, can be interested.
 */
const CLAIM_MS = 20 * 60 * 1000;

/**
 * Does the work that an item stands for once, however often its event is delivered:
 *
 *     delivery A (request a) ── owner := a ── works … crashes
 *     delivery B (request b) ──── owner is a: leaves
 *     A, retried (request a) ────────────────────────── owner is a: works … ── outcome := event ── publishes
 *     delivery C (request c) ─────────────────────────────────────────────────── done: publishes the same event
 *
 * Lambda keeps the request id over its retries of a delivery: the owner that crashed gets its own claim
 * back at once, and every other delivery can leave, for the owner will be retried or reported as failed.
 * @param work makes the event that tells what came of the work; nothing where none is wanted any more
 * @returns the event to publish, the same for every delivery; `undefined` while another one is at work, or
 *   where none is wanted
 */
export async function workOnce(
  key: TableKey,
  requestId: string,
  work: () => Promise<OutgoingEvent | undefined>,
): Promise<OutgoingEvent | undefined> {
  if (await claim(key, requestId)) {
    const made = await work();
    return made && keepOutcome(key, made);
  }
  const outcome = await findOutcome(key);
  logger.info(outcome ? 'The work is done' : 'Another delivery of this event is at work');
  return outcome;
}

async function claim(key: TableKey, requestId: string): Promise<boolean> {
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
  return claimed !== undefined;
}

/**
 * Notes what came of the work, once and for all, before it is published: a crash in between, a second
 * delivery and a replay all publish this same event again instead of working again.
 * @returns the outcome that counts: another's, where a claim had run out and its owner came first after all
 */
async function keepOutcome(key: TableKey, outcome: OutgoingEvent): Promise<OutgoingEvent> {
  const kept = await updateItem(key, {
    UpdateExpression: 'SET outcome = :outcome',
    ConditionExpression: 'attribute_not_exists(outcome)',
    ExpressionAttributeValues: { ':outcome': outcome },
  });
  return kept ? outcome : (await findOutcome(key))!;
}

async function findOutcome(key: TableKey): Promise<OutgoingEvent | undefined> {
  const item = await getItem<{ outcome?: OutgoingEvent }>(key);
  return item?.outcome;
}
