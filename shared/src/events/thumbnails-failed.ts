import * as z from 'zod';
import type { EventDefinition } from './define-event.ts';
import { clipEndFields, EXAMPLE_CLIP_END, errorSchema } from './fields.ts';

const schema = z.looseObject({ ...clipEndFields, error: errorSchema });

export const ThumbnailsFailed = {
  detailType: 'ThumbnailsFailed',
  source: 'nullcheck.clips.stitcher',
  meaning: 'There will be no poster and no thumbnails of a finished clip, which stays complete.',
  schema,
  example: {
    ...EXAMPLE_CLIP_END,
    error: {
      code: 'CLIP_WITHOUT_PICTURES' as const,
      message: 'The clip holds only sound, so there is nothing to show.',
    },
  },
} satisfies EventDefinition<typeof schema>;
