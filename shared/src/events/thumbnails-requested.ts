import * as z from 'zod';
import type { EventDefinition } from './define-event.ts';
import { clipEndFields, EXAMPLE_CLIP_END } from './fields.ts';

const schema = z.looseObject(clipEndFields);

export const ThumbnailsRequested = {
  detailType: 'ThumbnailsRequested',
  source: 'nullcheck.clips.stitcher',
  meaning: 'A finished clip has been written to S3: a poster and thumbnails are wanted of it.',
  schema,
  example: EXAMPLE_CLIP_END,
} satisfies EventDefinition<typeof schema>;
