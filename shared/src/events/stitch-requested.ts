import * as z from 'zod';
import { renditionsSchema } from './cut-options.ts';
import type { EventDefinition } from './define-event.ts';
import { clipFields, EXAMPLE_CLIP, EXAMPLE_EXTRACTED, extractedSegmentSchema } from './fields.ts';

const schema = z.looseObject({
  ...clipFields,
  /** In the order of the clip. */
  segments: z.array(extractedSegmentSchema).min(1),
  /** In which sizes the finished clip is to be had, too; absent: in none. */
  renditions: renditionsSchema.optional(),
  /** Whether a warning makes the clip fail; absent: it does not. */
  strict: z.boolean().optional(),
});

export const StitchRequested = {
  detailType: 'StitchRequested',
  source: 'nullcheck.clips.stitcher',
  meaning: 'All segments of a clip are there (the counter is full).',
  schema,
  example: { ...EXAMPLE_CLIP, segments: [EXAMPLE_EXTRACTED, EXAMPLE_EXTRACTED] },
} satisfies EventDefinition<typeof schema>;
