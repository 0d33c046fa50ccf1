import * as z from 'zod';
import type { EventDefinition } from './define-event.ts';
import { clipFields, EXAMPLE_CLIP, errorSchema } from './fields.ts';

const schema = z.looseObject({
  ...clipFields,
  error: errorSchema,
});

export const StitchFailed = {
  detailType: 'StitchFailed',
  source: 'nullcheck.clips.stitcher',
  meaning:
    'The segments of a clip cannot be joined, neither by copying nor by re-encoding: the clip fails.',
  schema,
  example: {
    ...EXAMPLE_CLIP,
    error: {
      code: 'STITCH_FAILED' as const,
      message: 'FFmpeg could not join the segments: Invalid data found when processing input.',
    },
  },
} satisfies EventDefinition<typeof schema>;
