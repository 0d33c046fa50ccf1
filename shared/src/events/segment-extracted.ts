import * as z from 'zod';
import type { EventDefinition } from './define-event.ts';
import {
  EXAMPLE_CLIP,
  EXAMPLE_EXTRACTED,
  extractedSegmentSchema,
  segmentFields,
} from './fields.ts';

const schema = z.looseObject({
  ...segmentFields,
  segment: extractedSegmentSchema,
  /** What the work took: bytes read from S3, milliseconds inside FFmpeg and in all. */
  effort: z.looseObject({
    bytesRead: z.int().nonnegative(),
    ffmpegMs: z.int().nonnegative(),
    totalMs: z.int().nonnegative(),
  }),
});

export const SegmentExtracted = {
  detailType: 'SegmentExtracted',
  source: 'nullcheck.clips.extractor',
  meaning: 'A segment was cut; its picture and sound lie in S3 until the stitch.',
  schema,
  example: {
    ...EXAMPLE_CLIP,
    segmentIndex: 0,
    segment: EXAMPLE_EXTRACTED,
    effort: { bytesRead: 9_430_000, ffmpegMs: 2_100, totalMs: 2_400 },
  },
} satisfies EventDefinition<typeof schema>;
