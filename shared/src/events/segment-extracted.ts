import * as z from 'zod';
import { renditionsSchema } from './cut-options.ts';
import type { EventDefinition } from './define-event.ts';
import {
  EXAMPLE_CLIP,
  EXAMPLE_EXTRACTED,
  extractedSegmentSchema,
  segmentFields,
} from './fields.ts';
import { warningFields } from './warnings.ts';

const schema = z.looseObject({
  ...segmentFields,
  segment: extractedSegmentSchema,
  ...warningFields,
  /** In which sizes the finished clip is to be had, too; absent: in none. */
  renditions: renditionsSchema.optional(),
  /** Whether a warning of the stitch makes the clip fail; absent: it does not. */
  strict: z.boolean().optional(),
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
  },
} satisfies EventDefinition<typeof schema>;
