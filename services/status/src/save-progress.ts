import { ClipProgressed } from '#shared/events/clip-progressed';
import { type BusEvent, parseEvent } from '#shared/events/define-event';
import { tableKeys } from '#shared/keys';
import { expiresAt } from '#shared/retention';
import { updateItem } from '#shared/storage/items';
import { assertOwnExecution } from '#shared/storage/own-execution';

/**
 * `ClipProgressed` → how far that piece of work is, apart from the record, which has more important writers.
 * One conditional update: it never goes back, in whatever order events come.
 */
export async function saveProgress(event: BusEvent): Promise<void> {
  const { detail } = parseEvent(ClipProgressed, event);
  await assertOwnExecution(detail);
  const { segmentIndex, percentage } = detail;
  const work = segmentIndex === undefined ? 'stitch' : `segment#${segmentIndex}`;
  await updateItem(tableKeys.progress(detail), {
    UpdateExpression: 'SET #work = :percentage, #ttl = if_not_exists(#ttl, :ttl)',
    ConditionExpression: 'attribute_not_exists(#work) OR #work < :percentage',
    ExpressionAttributeNames: { '#work': work, '#ttl': 'ttl' },
    ExpressionAttributeValues: { ':percentage': percentage, ':ttl': expiresAt() },
  });
}
