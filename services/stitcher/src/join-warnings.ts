import { listSegmentWarnings } from '#shared/clip/list-warnings';
import { PermanentError } from '#shared/errors';
import type { SegmentReceipt } from '#shared/events/receipt';
import type { ClipWarning } from '#shared/events/warnings';
import type { JoinResult } from '#shared/media/join/join-segments';

type Joined = Pick<JoinResult, 'warnings'>;

/**
 * In a strict request, a warning is an error. Those of the segments were, when they were cut.
 * @throws PermanentError with the code of the first of them
 */
export function assertNoWarnings({ warnings = [] }: Joined): void {
  const [first] = warnings;
  if (first) throw new PermanentError(first.code, first.message);
}

/** A segment's receipt, with what the join has noticed about the segment. */
export function withJoinWarnings(
  receipt: SegmentReceipt,
  joined: Joined,
  index: number,
  segmentCount: number,
): SegmentReceipt {
  const added = warningsAbout(joined, index);
  if (added.length === 0) return receipt;
  const { warnings = [], moreWarnings = 0, ...rest } = receipt;
  return { ...rest, ...listSegmentWarnings([...warnings, ...added], segmentCount, moreWarnings) };
}

const warningsAbout = ({ warnings = [] }: Joined, index: number): ClipWarning[] =>
  warnings
    .filter(({ segmentIndex }) => segmentIndex === index)
    .map(({ code, message, segmentIndex, atMs }) => ({
      code,
      message,
      segmentIndex,
      ...(atMs === undefined ? {} : { atMs }),
    }));
