import { ClipStitched } from '#shared/events/clip-stitched';
import { SegmentExtracted } from '#shared/events/segment-extracted';
import { StitchRequested } from '#shared/events/stitch-requested';
import { isNewer } from '#shared/executions';
import { objectKeys } from '#shared/keys';
import { type ClipRun, clipRuns, isGivenUp, nameOf, ofType, runsByClip } from './clip-runs.ts';
import type { FinalState } from './final-state.ts';
import type { Violation } from './violation.ts';

/** Finished clips and intermediates. */
export function checkFiles(state: FinalState): Violation[] {
  const runs = clipRuns(state);
  return [
    ...runsByClip(runs).flatMap((clip) => checkFinished(clip, state)),
    ...checkIntermediates(runs, state),
  ];
}

function checkFinished(runs: readonly ClipRun[], { objects }: FinalState): Violation[] {
  const newest = runs[0]!;
  const broken = (detail: string): Violation[] => [
    { guarantee: 'newest-file', subject: nameOf(newest), detail },
  ];
  const stitched = runs.find((run) =>
    ofType(run, ClipStitched.detailType).some(({ detail }) => !detail.superseded),
  );
  const file = objects.find(({ key }) => key === objectKeys.clip(newest));
  if (!file) return stitched ? broken(`clip.mp4 of ${stitched.executionId} is not there`) : [];
  const writer = runs.find(({ executionId }) => executionId === file.metadata?.['execution-id']);
  if (!writer) return broken(`clip.mp4 is of ${file.metadata?.['execution-id']}, which never ran`);
  if (stitched && isNewer(stitched, writer)) {
    return broken(`clip.mp4 is of ${writer.executionId}, though ${stitched.executionId} is newer`);
  }
  // A stitcher that dies each time right after the write leaves the file and no ClipStitched.
  const isExplained =
    ofType(writer, ClipStitched.detailType).length > 0 ||
    (isGivenUp(writer) && ofType(writer, StitchRequested.detailType).length > 0);
  return isExplained ? [] : broken(`nobody has told of the clip.mp4 of ${writer.executionId}`);
}

const INTERMEDIATE = /^([^/]+)\/clips\/([^/]+)\/segments\/([^/]+)\/(\d+)\.\w+$/;

function checkIntermediates(runs: readonly ClipRun[], state: FinalState): Violation[] {
  const abandoned = new Set([...abandonedClearings(state), ...unheardOf(state)]);
  return state.objects.flatMap(({ key }): Violation[] => {
    const [, episodeId, clipId, executionId, index] = INTERMEDIATE.exec(key) ?? [];
    if (!clipId || !executionId) return [];
    const run = runs.find(
      (one) =>
        one.episodeId === episodeId && one.clipId === clipId && one.executionId === executionId,
    );
    if (run && (abandoned.has(nameOf(run)) || isUnreported(run, Number(index)))) return [];
    const subject = nameOf({ clipId, executionId });
    return [{ guarantee: 'no-intermediates', subject, detail: `${key} is left` }];
  });
}

/** What nobody was told of, as its extractor died each time, is left to the bucket's lifecycle. */
const isUnreported = (run: ClipRun, index: number): boolean =>
  isGivenUp(run) &&
  ofType(run, SegmentExtracted.detailType).every(({ detail }) => detail.segmentIndex !== index);

/** Clips whose clearing away was given up after Lambda's retries: left to the bucket's lifecycle, too. */
function abandonedClearings({ events }: FinalState): string[] {
  return events.flatMap(({ source, detail }) => {
    if (source !== 'lambda') return [];
    const { requestContext, requestPayload } = detail as unknown as {
      requestContext: { functionArn: string };
      requestPayload: { detail?: { clipId?: string; executionId?: string } };
    };
    const { clipId, executionId } = requestPayload.detail ?? {};
    const isStitcher = requestContext.functionArn.includes(':splicebus-stitcher-');
    return isStitcher && clipId && executionId ? [nameOf({ clipId, executionId })] : [];
  });
}

/** Clips of which the stitcher was not told all: it removes what it has heard of, the rest is the lifecycle's. */
const unheardOf = ({ undelivered }: FinalState): string[] =>
  undelivered.flatMap(({ functionName, event: { detail } }) => {
    const { clipId, executionId } = detail;
    const isStitcher = functionName.startsWith('splicebus-stitcher-');
    return isStitcher && clipId && executionId ? [nameOf({ clipId, executionId })] : [];
  });
