import * as z from 'zod';
import type { EventDefinition } from './define-event.ts';
import { EXAMPLE_CLIP, errorSchema, segmentFields } from './fields.ts';

const schema = z.looseObject({
  ...segmentFields,
  error: errorSchema,
});

export const SegmentFailed = {
  detailType: 'SegmentFailed',
  source: 'nullcheck.clips.extractor',
  meaning: 'A segment cannot be cut, and trying again would not help: the clip fails.',
  schema,
  example: {
    ...EXAMPLE_CLIP,
    segmentIndex: 1,
    error: {
      code: 'SEGMENT_OUTSIDE_EPISODE' as const,
      message:
        'The segment 00:06:42.250–00:06:50.000 lies past the end of the episode (00:06:30.000).',
    },
  },
} satisfies EventDefinition<typeof schema>;
