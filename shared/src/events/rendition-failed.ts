import * as z from 'zod';
import type { EventDefinition } from './define-event.ts';
import { EXAMPLE_CLIP_END, errorSchema, rungFields } from './fields.ts';

const schema = z.looseObject({ ...rungFields, error: errorSchema });

export const RenditionFailed = {
  detailType: 'RenditionFailed',
  source: 'nullcheck.clips.stitcher',
  meaning: 'One rung of the ladder of a finished clip cannot be made; the clip stays complete.',
  schema,
  example: {
    ...EXAMPLE_CLIP_END,
    rendition: '720p' as const,
    error: {
      code: 'FUNCTION_TIMED_OUT' as const,
      message: 'The function ran out of time: ask for shorter segments, or give it longer.',
    },
  },
} satisfies EventDefinition<typeof schema>;
