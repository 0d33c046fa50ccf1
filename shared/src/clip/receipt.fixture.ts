import type { ClipReceipt, SegmentReceipt } from '../events/receipt.ts';
import type { ClipWarning } from '../events/warnings.ts';
import { listSegmentWarnings } from './list-warnings.ts';
import { makeClipReceipt, makeSegmentReceipt } from './make-receipt.ts';

/** Sentences as long as they get, of characters that JSON has to escape and that take many bytes. */
const LONG_REASON = '"日\\ ünïcödé" '.repeat(100);

/** 99 hours into an episode of many gigabytes, everything as bad as it can be. */
const LARGEST: SegmentReceipt = {
  requested: { startMs: 356_400_123, endMs: 358_200_123 },
  achieved: {
    startUs: 356_399_999_999,
    endUs: 358_200_999_999,
    firstFrame: 21_384_000,
    lastFrame: 21_492_000,
  },
  method: 'reencoded',
  reason: LONG_REASON,
  frameCount: 108_000,
  framesEncoded: 108_000,
  firstFrameError: -1_000,
  lastFrameError: -1_000,
  audio: 'copied',
  avOffsetUs: -21_333,
  rendition: { height: 2_160, bandwidth: 100_000_000 },
  chunks: { first: 178_200, last: 179_100, bytes: 10_000_000_000 },
  bytesRead: 12_500_000_000,
  gaps: Array.from({ length: 900 }, (_, index) => ({
    chunk: 178_200 + index,
    startMs: 356_400_123 + index,
    endMs: 356_402_123 + index,
    filled: 'black',
  })),
  processes: 3,
  stagesMs: { fetch: 100_000, index: 100_000, cut: 800_000, upload: 100_000, total: 900_000 },
};

/** More than anybody lists, each as long as a sentence gets. */
const warningsOf = (segmentIndex: number): ClipWarning[] =>
  Array.from({ length: 1_000 }, (_, n) => ({
    code: 'DYNAMIC_RANGE_REDUCED',
    message: LONG_REASON,
    segmentIndex,
    atMs: 356_400_123 + n,
  }));

/** A receipt that takes as much room as that many segments can. */
export function largestReceipt(segmentCount: number): ClipReceipt {
  const receipt = makeSegmentReceipt(LARGEST);
  const segments = Array.from({ length: segmentCount }, (_, segmentIndex) => ({
    receipt: {
      ...receipt,
      ...listSegmentWarnings(warningsOf(segmentIndex), segmentCount),
    },
    durationUs: 1_800_000_000,
  }));
  return {
    ...makeClipReceipt(segments, { method: 'reencoded', reason: LONG_REASON }),
    stagesMs: { fetch: 100_000, join: 500_000, upload: 100_000, total: 600_000 },
  };
}
