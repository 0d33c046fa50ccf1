import type { ClipStitched } from '#shared/events/clip-stitched';
import type { DetailOf } from '#shared/events/define-event';
import type { SegmentExtracted } from '#shared/events/segment-extracted';
import type { SegmentRequested } from '#shared/events/segment-requested';
import type { StitchRequested } from '#shared/events/stitch-requested';
import { extractSegment } from '../../services/extractor/src/extract-segment.ts';
import { stitchClip } from '../../services/stitcher/src/stitch-clip.ts';
import { serveTasks } from '../measure/serve-tasks.ts';

// The process of a `MeasuredWorker` that does what the extractor does for an event, or the stitcher.

export type StageTask =
  | { stage: 'extract'; request: DetailOf<typeof SegmentRequested> }
  | { stage: 'stitch'; request: DetailOf<typeof StitchRequested> };

export interface StageOutcome {
  wallMs: number;
  /** What the extractor tells. */
  segment?: DetailOf<typeof SegmentExtracted>['segment'];
  /** What the stitcher tells. */
  clip?: Pick<DetailOf<typeof ClipStitched>, 'fileSizeBytes' | 'receipt'>;
}

serveTasks(async (task: StageTask): Promise<StageOutcome> => {
  const startedAt = performance.now();
  const { signal } = new AbortController();
  const made =
    task.stage === 'extract'
      ? { segment: (await extractSegment(task.request, signal)).segment }
      : { clip: await stitchClip(task.request, async () => true, signal) };
  return { ...made, wallMs: Math.round(performance.now() - startedAt) };
});
