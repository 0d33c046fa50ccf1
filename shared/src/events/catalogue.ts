import { BeginClipGeneration } from './begin-clip-generation.ts';
import { CancelClipGeneration } from './cancel-clip-generation.ts';
import { ClipGenerationCancelled } from './clip-generation-cancelled.ts';
import { ClipGenerationFailed } from './clip-generation-failed.ts';
import { ClipGenerationRejected } from './clip-generation-rejected.ts';
import { ClipGenerationStarted } from './clip-generation-started.ts';
import { ClipProgressed } from './clip-progressed.ts';
import { ClipStitched } from './clip-stitched.ts';
import type { EventDefinition } from './define-event.ts';
import { ExecutionFinished } from './execution-finished.ts';
import { RenditionFailed } from './rendition-failed.ts';
import { RenditionMade } from './rendition-made.ts';
import { RenditionOmitted } from './rendition-omitted.ts';
import { RenditionRequested } from './rendition-requested.ts';
import { SegmentExtracted } from './segment-extracted.ts';
import { SegmentFailed } from './segment-failed.ts';
import { SegmentRequested } from './segment-requested.ts';
import { StitchFailed } from './stitch-failed.ts';
import { StitchRequested } from './stitch-requested.ts';
import { ThumbnailsFailed } from './thumbnails-failed.ts';
import { ThumbnailsMade } from './thumbnails-made.ts';
import { ThumbnailsRequested } from './thumbnails-requested.ts';

/** Every event on the bus, in the order in which a clip meets them. */
export const EVENT_CATALOGUE: readonly EventDefinition[] = [
  BeginClipGeneration,
  ClipGenerationStarted,
  ClipGenerationRejected,
  SegmentRequested,
  SegmentExtracted,
  SegmentFailed,
  StitchRequested,
  ClipStitched,
  StitchFailed,
  ClipProgressed,
  ClipGenerationFailed,
  CancelClipGeneration,
  ClipGenerationCancelled,
  ExecutionFinished,
  ThumbnailsRequested,
  ThumbnailsMade,
  ThumbnailsFailed,
  RenditionRequested,
  RenditionMade,
  RenditionOmitted,
  RenditionFailed,
];
