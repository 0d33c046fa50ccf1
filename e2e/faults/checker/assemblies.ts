import { ClipStitched } from '#shared/events/clip-stitched';
import { SegmentExtracted } from '#shared/events/segment-extracted';
import { StitchFailed } from '#shared/events/stitch-failed';
import { StitchRequested } from '#shared/events/stitch-requested';
import { tableKeys } from '#shared/keys';
import { type ClipRun, clipRuns, isGivenUp, nameOf, ofType } from './clip-runs.ts';
import type { FinalState, TableItem } from './final-state.ts';
import type { Guarantee, Violation } from './violation.ts';

/** The counter of segments, and what a full one leads to. */
export function checkAssemblies(state: FinalState): Violation[] {
  return clipRuns(state).flatMap((run) => {
    const { pk, sk } = tableKeys.assembly(run);
    const assembly = state.items.find((item) => item.pk === pk && item.sk === sk);
    return checkRun(run, assembly);
  });
}

function checkRun(run: ClipRun, assembly: TableItem | undefined): Violation[] {
  const violations: Violation[] = [];
  const broken = (guarantee: Guarantee, detail: string) =>
    violations.push({ guarantee, subject: nameOf(run), detail });

  const indexes = Object.keys(assembly ?? {}).flatMap(
    (name) => /^segment#(\d+)$/.exec(name)?.[1] ?? [],
  );
  const { received = 0, segmentCount }: Record<string, unknown> = assembly ?? {};
  if (received !== indexes.length) {
    broken('segments-counted-once', `the counter is ${received}, but ${indexes.length} are there`);
  }
  if (
    segmentCount !== undefined &&
    indexes.some((index) => Number(index) >= Number(segmentCount))
  ) {
    broken('segments-counted-once', `there are ${indexes.join(', ')} of ${segmentCount} segments`);
  }

  const requests = ofType(run, StitchRequested.detailType);
  for (const request of requests) {
    const lacking = lackingBefore(run, run.events.indexOf(request));
    const { segments = [], segmentCount = 0 } = request.detail;
    if (lacking.length > 0 || segments.length !== segmentCount) {
      broken(
        'stitch-when-complete',
        `StitchRequested came without ${lacking.join(', ') || 'all segments'}`,
      );
    }
  }
  const isComplete = run.events.length > 0 && lackingBefore(run, run.events.length).length === 0;
  if (isComplete && requests.length === 0 && !isGivenUp(run)) {
    broken('stitch-when-complete', 'all segments are there, but StitchRequested is not');
  }

  const outcomes = [ClipStitched, StitchFailed]
    .flatMap(({ detailType }) => ofType(run, detailType))
    .map(({ detail }) => JSON.stringify(detail));
  if (new Set(outcomes).size > 1) {
    broken('one-stitch', `${new Set(outcomes).size} different outcomes were published`);
  }
  if (outcomes.length > 0 && requests.length === 0) {
    broken('one-stitch', 'it was stitched without StitchRequested');
  }
  return violations;
}

/** The segments that nobody had reported before a place in the log. */
function lackingBefore({ events }: ClipRun, place: number): number[] {
  const extracted = events
    .slice(0, place)
    .filter((event) => event['detail-type'] === SegmentExtracted.detailType);
  const there = new Set(extracted.map(({ detail }) => detail.segmentIndex));
  const { segmentCount } = events.find(({ detail }) => detail.segmentCount)?.detail ?? {};
  // Of a clip that was rejected there is nothing to be had.
  if (segmentCount === undefined) return [-1];
  return Array.from({ length: segmentCount }, (_, index) => index).filter(
    (index) => !there.has(index),
  );
}
