import * as z from 'zod';
import type { EventDefinition } from './define-event.ts';
import { EXAMPLE_CLIP_END, errorSchema, rungFields } from './fields.ts';

const schema = z.looseObject({
  ...rungFields,
  /** Why it is not made. */
  reason: errorSchema,
});

export const RenditionOmitted = {
  detailType: 'RenditionOmitted',
  source: 'nullcheck.clips.stitcher',
  meaning:
    'A rendition is left out, as it would only enlarge the clip, or there is nothing to see.',
  schema,
  example: {
    ...EXAMPLE_CLIP_END,
    rendition: '1080p' as const,
    reason: {
      code: 'RENDITION_NOT_SMALLER' as const,
      message: 'The clip is 1280×720 itself, which 1080p would only enlarge: take the clip.',
    },
  },
} satisfies EventDefinition<typeof schema>;
