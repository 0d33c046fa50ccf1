import type { DetailOf } from '#shared/events/define-event';
import type { ExtractedSegment } from '#shared/events/fields';
import type { OutgoingEvent } from '#shared/events/publish';
import type { SegmentExtracted } from '#shared/events/segment-extracted';
import { tableKeys } from '#shared/keys';
import { expiresAt } from '#shared/retention';
import { getItem, type ItemUpdate, updateItem } from '#shared/storage/items';

/**
 * The assembly of one clip in one execution: which of its segments are there. It is the whole
 * coordination between extractors that know nothing of each other:
 *
 *     extractor 0 ── SegmentExtracted 0 ──▶ segment#0 := …, received 0→1          1 of 2
 *     extractor 1 ── SegmentExtracted 1 ──▶ segment#1 := …, received 1→2          2 of 2 → StitchRequested
 *                    (delivered again)  ──▶ segment#1 is there: condition fails   2 of 2, published already
 *
 * Writing the segment and counting it are one conditional update, so the counter can neither miss a
 * segment nor count one twice, in whatever order and however often events arrive.
 */
export interface Assembly {
  segmentCount: number;
  received: number;
  /** Set once `StitchRequested` is known to be on the bus. */
  stitchRequested?: boolean;
  /** What came of the stitch: the event that was, or has to be, published. */
  outcome?: OutgoingEvent;
  /** The segments by their index: `segment#0`, `segment#1`, … */
  [segment: `segment#${number}`]: ExtractedSegment | undefined;
}

interface AssemblyIds {
  tenantId: string;
  episodeId: string;
  clipId: string;
  executionId: string;
}

/** Records a segment and counts it, unless it is recorded already. @returns the assembly afterwards */
export async function recordSegment(detail: DetailOf<typeof SegmentExtracted>): Promise<Assembly> {
  const updated = await update(detail, {
    UpdateExpression:
      'SET #segment = :segment, segmentCount = :count, #ttl = :ttl ADD received :one',
    ConditionExpression: 'attribute_not_exists(#segment)',
    ExpressionAttributeNames: { '#segment': `segment#${detail.segmentIndex}`, '#ttl': 'ttl' },
    ExpressionAttributeValues: {
      ':segment': detail.segment,
      ':count': detail.segmentCount,
      ':ttl': expiresAt(),
      ':one': 1,
    },
  });
  return updated ?? (await read(detail));
}

/** The segments in the order of the clip once all are there, else `undefined`. */
export function completeSegments(assembly: Assembly): ExtractedSegment[] | undefined {
  if (assembly.received < assembly.segmentCount) return undefined;
  return Array.from({ length: assembly.segmentCount }, (_, index) => {
    const segment = assembly[`segment#${index}`];
    // Only an index at or above segmentCount could fill the counter without filling the row.
    if (!segment) throw new Error(`The assembly is full but lacks segment ${index}`);
    return segment;
  });
}

/** Notes that `StitchRequested` is on the bus, so that later duplicates do not publish it again. */
export async function noteStitchRequested(ids: AssemblyIds): Promise<void> {
  await update(ids, {
    UpdateExpression: 'SET stitchRequested = :true',
    ExpressionAttributeValues: { ':true': true },
  });
}

/**
 * How long a claim holds: the function's 10 minutes and Lambda's longest pause before a retry, after
 * which only a new delivery (a replay, say) can still be interested.
 */
const CLAIM_MS = 15 * 60 * 1000;

export type Claim = { kind: 'ours' } | { kind: 'done'; outcome: OutgoingEvent } | { kind: 'taken' };

/**
 * Claims the stitch, so that of several deliveries of `StitchRequested` one does the work. Lambda keeps
 * the request id over its retries of a delivery: the owner that crashed gets its own claim back at once,
 * and every other delivery can leave, knowing that the owner will be retried or reported as failed.
 */
export async function claimStitch(ids: AssemblyIds, requestId: string): Promise<Claim> {
  const now = Date.now();
  const claimed = await update(ids, {
    UpdateExpression: 'SET stitchOwner = :me, stitchClaimedUntil = :until, #ttl = :ttl',
    ConditionExpression:
      'attribute_not_exists(outcome) AND (attribute_not_exists(stitchOwner) OR stitchOwner = :me OR stitchClaimedUntil < :now)',
    ExpressionAttributeNames: { '#ttl': 'ttl' },
    ExpressionAttributeValues: {
      ':me': requestId,
      ':now': now,
      ':until': now + CLAIM_MS,
      ':ttl': expiresAt(),
    },
  });
  if (claimed) return { kind: 'ours' };
  const { outcome } = await read(ids);
  return outcome ? { kind: 'done', outcome } : { kind: 'taken' };
}

/** Notes what came of the stitch, before it is published: see the extractor's `keepOutcome`. */
export async function keepOutcome(ids: AssemblyIds, outcome: OutgoingEvent): Promise<void> {
  await update(ids, {
    UpdateExpression: 'SET outcome = :outcome',
    ExpressionAttributeValues: { ':outcome': outcome },
  });
}

const update = (ids: AssemblyIds, change: ItemUpdate) =>
  updateItem<Assembly>(tableKeys.assembly(ids), change);

/** The item is there: only a condition on it can have failed. */
const read = async (ids: AssemblyIds) => (await getItem<Assembly>(tableKeys.assembly(ids)))!;
