import type { DetailOf } from '#shared/events/define-event';
import type { ExtractedSegment } from '#shared/events/fields';
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
  /** These two are absent until the first segment. */
  segmentCount?: number;
  received?: number;
  /** Set once no more of the clip is wanted: the detail-type of the event that says so. */
  ended?: string;
  /** Set once `StitchRequested` is known to be on the bus. */
  stitchRequested?: boolean;
  /** When the stitcher first heard that the finished file is in S3. */
  fileSeenAt?: string;
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
      'SET #segment = :segment, segmentCount = :count, #ttl = if_not_exists(#ttl, :ttl) ADD received :one',
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
  const { received = 0, segmentCount } = assembly;
  if (segmentCount === undefined || received < segmentCount) return undefined;
  return Array.from({ length: segmentCount }, (_, index) => {
    const segment = assembly[`segment#${index}`];
    // Only an index at or above segmentCount could fill the counter without filling the row.
    if (!segment) throw new Error(`The assembly is full but lacks segment ${index}`);
    return segment;
  });
}

/** The segments that are there, by their index. */
export function recordedSegments(assembly: Assembly): [number, ExtractedSegment][] {
  return Object.entries(assembly).flatMap(([name, value]): [number, ExtractedSegment][] => {
    const [, index] = /^segment#(\d+)$/.exec(name) ?? [];
    return index === undefined ? [] : [[Number(index), value as ExtractedSegment]];
  });
}

/** Notes that no more of the clip is wanted, whether or not any of it is there. */
export async function endAssembly(ids: AssemblyIds, why: string): Promise<Assembly> {
  const updated = await update(ids, {
    UpdateExpression: 'SET ended = if_not_exists(ended, :why), #ttl = if_not_exists(#ttl, :ttl)',
    ExpressionAttributeNames: { '#ttl': 'ttl' },
    ExpressionAttributeValues: { ':why': why, ':ttl': expiresAt() },
  });
  return updated!;
}

/** Whether the clip is still wanted. */
export async function isWanted(ids: AssemblyIds): Promise<boolean> {
  return (await read(ids)).ended === undefined;
}

/** Notes that `StitchRequested` is on the bus, so that later duplicates do not publish it again. */
export async function noteStitchRequested(ids: AssemblyIds): Promise<void> {
  await update(ids, {
    UpdateExpression: 'SET stitchRequested = :true',
    ExpressionAttributeValues: { ':true': true },
  });
}

/**
 * Notes that the finished file is in S3. @returns when that was first heard of: what follows from it is asked
 * for by every delivery of S3's event, as the very same events
 */
export async function noteFileSeen(ids: AssemblyIds): Promise<string> {
  const updated = await update(ids, {
    UpdateExpression:
      'SET fileSeenAt = if_not_exists(fileSeenAt, :now), #ttl = if_not_exists(#ttl, :ttl)',
    ExpressionAttributeNames: { '#ttl': 'ttl' },
    ExpressionAttributeValues: { ':now': new Date().toISOString(), ':ttl': expiresAt() },
  });
  return updated!.fileSeenAt!;
}

const update = (ids: AssemblyIds, change: ItemUpdate) =>
  updateItem<Assembly>(tableKeys.assembly(ids), change);

/** The item is there: only a condition on it can have failed. */
const read = async (ids: AssemblyIds) => (await getItem<Assembly>(tableKeys.assembly(ids)))!;
