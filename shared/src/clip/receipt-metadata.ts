import type { ClipReceipt } from '../events/receipt.ts';
import { truncate } from '../events/truncate.ts';
import { countWarnings } from './list-warnings.ts';
import type { UntimedClipReceipt } from './make-receipt.ts';

/**
 * S3 allows 2 KB for the names and values of all user metadata of an object together
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html#UserMetadata). This leaves
 * some 450 bytes for the others that a clip has: `file-metadata.ts`.
 */
const MAX_BYTES = 1_600;

const MAX_REASON_BYTES = 100;

/**
 * A clip's receipt as one line of JSON in US-ASCII, for the metadata of its file: with all segments where
 * they fit, else with totals only and a word on where the whole is. docs/receipt.md explains the fields.
 */
export function receiptMetadata(receipt: UntimedClipReceipt): string {
  const totals = {
    ...picturesOf(receipt),
    bytesRead: receipt.bytesRead,
    join: receipt.join.method,
    segmentCount: receipt.segments.length,
    warnings: countWarnings(receipt) || undefined,
  };
  const whole = asciiJson({ ...totals, segments: receipt.segments.map(shortSegment) });
  if (whole.length <= MAX_BYTES) return whole;
  return asciiJson({ ...totals, segments: 'see the record of the clip or its ClipStitched event' });
}

function shortSegment(segment: ClipReceipt['segments'][number]) {
  const { requested, achieved, stagesMs, gaps = [], moreGaps = 0 } = segment;
  const gapCount = gaps.length + moreGaps;
  return {
    requestedMs: [requested.startMs, requested.endMs],
    achievedUs: [achieved.startUs, achieved.endUs],
    sourceFrames:
      achieved.firstFrame === undefined ? undefined : [achieved.firstFrame, achieved.lastFrame],
    ...picturesOf(segment),
    gaps: gapCount || undefined,
    bytesRead: segment.bytesRead,
    stagesMs: [stagesMs.fetch, stagesMs.index, stagesMs.cut, stagesMs.upload, stagesMs.total],
  };
}

/** What clip and segment say alike. */
function picturesOf(told: Omit<UntimedClipReceipt, 'join' | 'segments'>) {
  return {
    method: told.method,
    reason: told.reason && truncate(told.reason, MAX_REASON_BYTES),
    frames: told.frameCount,
    encoded: told.framesEncoded,
    frameErrors: [told.firstFrameError, told.lastFrameError],
    avOffsetUs: told.avOffsetUs,
  };
}

/** Metadata travels as an HTTP header: what is not US-ASCII becomes an escape of JSON. */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
