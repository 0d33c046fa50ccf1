import {
  type ClipRecord,
  type ClipStatus,
  isTerminal,
  type StatusEntry,
} from '#shared/clip/clip-record';
import { isNewer } from '#shared/executions';
import { formatDuration } from '#shared/time';
import { boundedHistory } from './bounded-history.ts';
import type { ClipFact } from './clip-fact.ts';
import { projectDerived } from './project-derived.ts';

/**
 * What the record of a clip is after one more fact. Pure, and the same whatever order facts come in, as
 * far as it matters:
 * - the history holds each event once, in time order, of all executions;
 * - the newest execution decides the status; what older ones still send is history only;
 * - within an execution a terminal status is the last word, and the first terminal one stays;
 * - what is made of the finished clip changes no status.
 *
 * @param record the record so far; `undefined` or a bare `detected` item where there is none yet
 * @returns the record afterwards, or the very same object when the fact was known
 */
export function projectFact(
  record: Partial<ClipRecord> | undefined,
  fact: ClipFact,
  now: string,
): ClipRecord {
  const history = record?.statusHistory ?? [];
  if (record && history.some((entry) => entry.eventId === fact.eventId)) {
    return record as ClipRecord;
  }
  const base: ClipRecord = {
    tenantId: fact.tenantId,
    episodeId: fact.episodeId,
    clipId: fact.clipId,
    status: statusOf(fact),
    executionId: fact.executionId,
    executionStartedAt: fact.executionStartedAt,
    createdAt: now,
    ...record,
    // As upstream wrote it, they are those to make.
    ...(record?.executionId === undefined && { renditions: undefined }),
    statusHistory: boundedHistory(insertInTimeOrder(history, entryOf(fact))),
    updatedAt: now,
    version: (record?.version ?? 0) + 1,
  };
  const told = projectDerived(base, fact);
  const standing = standingOf(record, fact);
  if (standing === 'older') return told;
  const current = standing === 'newer' ? beginAnew(told, fact) : told;
  const described = fact.request ? { ...current, ...fact.request } : current;
  if (standing === 'same' && isTerminal(current.status)) return described;
  return applyStatus(described, fact);
}

/** How a fact's execution stands to the one that the record speaks of. */
function standingOf(
  record: Partial<ClipRecord> | undefined,
  fact: ClipFact,
): 'same' | 'newer' | 'older' {
  const { executionId, executionStartedAt = '' } = record ?? {};
  if (executionId === fact.executionId) return 'same';
  if (executionId === undefined) return 'newer';
  return isNewer(fact, { executionId, executionStartedAt }) ? 'newer' : 'older';
}

function beginAnew(record: ClipRecord, fact: ClipFact): ClipRecord {
  return {
    ...record,
    executionId: fact.executionId,
    executionStartedAt: fact.executionStartedAt,
    processingError: undefined,
    warnings: undefined,
    moreWarnings: undefined,
    processedAt: undefined,
  };
}

/** Something was made of the clip before it is known to be complete: that is told by another event. */
const statusOf = ({ derived, status }: ClipFact): ClipStatus =>
  derived ? 'Generation in Progress' : status;

function applyStatus(record: ClipRecord, fact: ClipFact): ClipRecord {
  const next = { ...record, status: statusOf(fact) };
  if (!isTerminal(next.status)) return next;
  next.processedAt = fact.timestamp;
  if (fact.error) next.processingError = { ...fact.error, timestamp: fact.timestamp };
  if (fact.clip) {
    next.s3Key = fact.clip.s3Key;
    next.fileSize = fact.clip.fileSizeBytes;
    next.sha256 = fact.clip.sha256;
    next.duration = formatDuration(fact.clip.durationMs);
    next.processingMetadata = {
      segmentCount: fact.clip.segmentCount,
      totalProcessingTime: fact.clip.totalProcessingMs,
      ffmpegVersion: fact.clip.ffmpegVersion,
    };
    const { durationMs, frameCount, media } = fact.clip;
    next.media = media && { ...media, durationMs, frameCount };
    next.receipt = fact.clip.receipt;
    next.warnings = fact.clip.warnings;
    next.moreWarnings = fact.clip.moreWarnings;
  }
  return next;
}

function entryOf(fact: ClipFact): StatusEntry {
  const { status, event, timestamp, eventId, executionId, segmentIndex, rendition, error } = fact;
  return { status, event, timestamp, eventId, executionId, segmentIndex, rendition, error };
}

/** Events of one millisecond are ordered as they follow from each other; reports of failure come last. */
const CAUSAL_ORDER = [
  'ClipGenerationStarted',
  'SegmentRequested',
  'SegmentExtracted',
  'StitchRequested',
  'ClipStitched',
  'ThumbnailsRequested',
  'RenditionRequested',
  'ThumbnailsMade',
  'RenditionOmitted',
  'RenditionMade',
];

function insertInTimeOrder(history: readonly StatusEntry[], entry: StatusEntry): StatusEntry[] {
  return [...history, entry].sort(
    (a, b) =>
      a.timestamp.localeCompare(b.timestamp) ||
      causalRank(a) - causalRank(b) ||
      (a.segmentIndex ?? 0) - (b.segmentIndex ?? 0) ||
      a.eventId.localeCompare(b.eventId),
  );
}

function causalRank({ event }: StatusEntry): number {
  const rank = CAUSAL_ORDER.indexOf(event);
  return rank === -1 ? CAUSAL_ORDER.length : rank;
}
