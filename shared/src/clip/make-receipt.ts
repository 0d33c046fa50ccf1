import type { ClipReceipt, SegmentReceipt } from '../events/receipt.ts';
import { truncate } from '../events/truncate.ts';
import { listClipWarnings } from './list-warnings.ts';

// A clip may have 100 segments, one event holds 256 KB and the clip's record 400 KB: what has no bound of
// its own is bounded here, by leaving out, never by refusing a receipt.

const MAX_REASON_BYTES = 300;
const MAX_LISTED_GAPS = 5;

/** What is known before the file is written, whose metadata holds it; `stagesMs` is there only afterwards. */
export type UntimedClipReceipt = Omit<ClipReceipt, 'stagesMs'>;

/** A segment as the clip has it: its receipt, and how long it lasts there. */
interface JoinedSegment {
  receipt: SegmentReceipt;
  durationUs: number;
}

/** The receipt of a segment, with its reason on one line and no longer than a receipt allows. */
export function makeSegmentReceipt(measured: SegmentReceipt): SegmentReceipt {
  const { gaps = [] } = measured;
  return {
    ...withShortReason(measured),
    ...(gaps.length > 0 ? { gaps: gaps.slice(0, MAX_LISTED_GAPS) } : {}),
    ...(gaps.length > MAX_LISTED_GAPS ? { moreGaps: gaps.length - MAX_LISTED_GAPS } : {}),
  };
}

/**
 * The receipt of a clip, from those of its segments: sums, the worst of each error, and all warnings.
 * @param segments in the order of the clip
 */
export function makeClipReceipt(
  segments: readonly JoinedSegment[],
  join: ClipReceipt['join'],
): UntimedClipReceipt {
  const receipts = segments.map(({ receipt }) => receipt);
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
  const frameCount = sum(receipts.map((receipt) => receipt.frameCount));
  const isReencoded = join.method === 'reencoded';
  const avOffsets = receipts.flatMap(({ avOffsetUs }) => avOffsetUs ?? []);
  return {
    ...methodOf(receipts, isReencoded),
    ...reasonOf(receipts, join),
    frameCount,
    framesEncoded: isReencoded ? frameCount : sum(receipts.map((each) => each.framesEncoded)),
    firstFrameError: worst(receipts.map((receipt) => receipt.firstFrameError)),
    lastFrameError: worst(receipts.map((receipt) => receipt.lastFrameError)),
    ...(avOffsets.length > 0 ? { avOffsetUs: worst(avOffsets) } : {}),
    bytesRead: sum(receipts.map((receipt) => receipt.bytesRead)),
    join: withShortReason(join),
    ...listClipWarnings(receipts),
    segments: placed(segments),
  };
}

/** One method for all the pictures: where segments differ, some were copied and some encoded. */
function methodOf(
  receipts: readonly SegmentReceipt[],
  isReencoded: boolean,
): Pick<ClipReceipt, 'method'> {
  const methods = new Set(receipts.flatMap(({ method }) => method ?? []));
  if (methods.size === 0) return {};
  if (isReencoded) return { method: 'reencoded' };
  return { method: methods.size === 1 ? [...methods][0] : 'smart' };
}

/** The join's reason if it has one, for it concerns every picture; else the first of the segments'. */
function reasonOf(
  receipts: readonly SegmentReceipt[],
  join: ClipReceipt['join'],
): Pick<ClipReceipt, 'reason'> {
  const reason = join.reason ?? receipts.find((receipt) => receipt.reason)?.reason;
  return reason ? withShortReason({ reason }) : {};
}

function placed(segments: readonly JoinedSegment[]): ClipReceipt['segments'] {
  let clipStartUs = 0;
  return segments.map(({ receipt, durationUs }) => {
    const place = { clipStartUs, durationUs };
    clipStartUs += durationUs;
    return { ...receipt, ...place };
  });
}

/** The value farthest from zero, with its sign. */
function worst(values: readonly number[]): number {
  return values.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a), 0);
}

/** FFmpeg's own words may span lines and be of any length. */
function withShortReason<Told extends { reason?: string }>(told: Told): Told {
  if (told.reason === undefined) return told;
  const reason = truncate(told.reason.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim(), MAX_REASON_BYTES);
  return { ...told, reason };
}
