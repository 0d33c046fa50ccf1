import * as z from 'zod';
import type { EventDefinition } from './define-event.ts';
import { clipFields, EXAMPLE_CLIP, EXAMPLE_EXTRACTED, extractedSegmentSchema } from './fields.ts';

const schema = z.looseObject({
  ...clipFields,
  /** In the order of the clip. */
  segments: z.array(extractedSegmentSchema).min(1),
});

export const StitchRequested = {
  detailType: 'StitchRequested',
  source: 'nullcheck.clips.stitcher',
  meaning: 'All segments of a clip are there (the counter is full).',
  schema,
  example: { ...EXAMPLE_CLIP, segments: [EXAMPLE_EXTRACTED, EXAMPLE_EXTRACTED] },
} satisfies EventDefinition<typeof schema>;
