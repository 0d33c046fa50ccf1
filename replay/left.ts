import type { ClipRecord } from '#shared/clip/clip-record';
import { ClipGenerationStarted } from '#shared/events/clip-generation-started';
import type { OutgoingEvent } from '#shared/events/publish';
import { SegmentExtracted } from '#shared/events/segment-extracted';
import { SegmentFailed } from '#shared/events/segment-failed';
import { SegmentRequested } from '#shared/events/segment-requested';
import { StitchRequested } from '#shared/events/stitch-requested';
import { CLIP_SORT_PREFIX, tableKeys } from '#shared/keys';
import type { ExecutionRecord } from '../services/status/src/execution-store.ts';
import type { StartedClip } from '../services/status/src/started-clips.ts';
import type { Assembly } from '../services/stitcher/src/assembly.ts';
import { queryItems, readItem } from './table.ts';
import type { Target } from './target.ts';

/** Something that an execution still lacks. */
export interface Left {
  /** For people. */
  what: string;
  /** The detail-types of the events any of which brings it about, and then all that follows from it. */
  by: readonly string[];
}

/** What a running execution lacks, clip by clip. */
export async function findLeft(target: Target, execution: ExecutionRecord): Promise<Left[]> {
  const { executionId, totalClips = 0, endedClips = new Set() } = execution;
  const heardOf = new Set(endedClips);
  const left: Left[] = [];
  const started = queryItems<StartedClip>(target, {
    ConsistentRead: true,
    KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
    ExpressionAttributeValues: {
      ':pk': tableKeys.execution(executionId).pk,
      ':prefix': CLIP_SORT_PREFIX,
    },
  });
  for await (const { tenantId, episodeId, clipId } of started) {
    heardOf.add(clipId);
    if (endedClips.has(clipId)) continue;
    left.push(await leftOfClip(target, { tenantId, episodeId, clipId, executionId }));
  }
  const unheard = totalClips - heardOf.size;
  if (unheard > 0) {
    left.push({
      what: `clips that did not begin: ${unheard}`,
      by: [ClipGenerationStarted.detailType],
    });
  } else if (left.length === 0) {
    left.push({ what: 'its own end', by: [ClipGenerationStarted.detailType] });
  }
  return left;
}

/** The first step that a clip lacks: the later ones follow from it. */
async function leftOfClip(
  target: Target,
  ids: StartedClip & { executionId: string },
): Promise<Left> {
  const { clipId } = ids;
  const record = await readItem<ClipRecord>(target, tableKeys.clip(ids));
  const requested = requestedSegments(record, ids.executionId);
  const missing = await unfinished(target, ids, requested);
  if (missing.length > 0 || requested.length === 0) {
    const which = `${missing.length} of ${requested.length} segments (segmentIndex ${missing.join(', ')})`;
    const what = `${clipId}: ${requested.length > 0 ? which : 'its segments'}`;
    return { what, by: [SegmentRequested.detailType] };
  }
  const assembly = await readItem<Assembly & { outcome?: OutgoingEvent }>(
    target,
    tableKeys.assembly(ids),
  );
  if (!assembly?.stitchRequested) {
    const by = [SegmentRequested, SegmentExtracted, SegmentFailed];
    return { what: `${clipId}: the count`, by: by.map(({ detailType }) => detailType) };
  }
  const { outcome } = assembly;
  if (!outcome) return { what: `${clipId}: the stitch`, by: [StitchRequested.detailType] };
  return { what: `${clipId}: its status`, by: [StitchRequested.detailType, outcome.detailType] };
}

/** The indexes of the segments that an execution asked for. */
function requestedSegments(record: ClipRecord | undefined, executionId: string): number[] {
  const entries = record?.statusHistory.filter(
    (entry) => entry.event === SegmentRequested.detailType && entry.executionId === executionId,
  );
  return entries?.map(({ segmentIndex = 0 }) => segmentIndex) ?? [];
}

/** Those of the segments for which the extractor has not noted what came of them. */
async function unfinished(
  target: Target,
  ids: StartedClip & { executionId: string },
  segments: readonly number[],
): Promise<number[]> {
  const notes = await Promise.all(
    segments.map((segmentIndex) =>
      readItem<{ outcome?: OutgoingEvent }>(target, tableKeys.segment({ ...ids, segmentIndex })),
    ),
  );
  return segments.filter((_, n) => notes[n]?.outcome === undefined);
}
