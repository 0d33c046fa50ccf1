import * as z from 'zod';
import type { EventDefinition } from './define-event.ts';
import { EXAMPLE_CLIP_END, rungFields } from './fields.ts';

const schema = z.looseObject(rungFields);

export const RenditionRequested = {
  detailType: 'RenditionRequested',
  source: 'nullcheck.clips.stitcher',
  meaning:
    'A finished clip has been written to S3: it is to become a rung of its ladder, in its own size or in another.',
  schema,
  example: { ...EXAMPLE_CLIP_END, rendition: '720p' as const },
} satisfies EventDefinition<typeof schema>;
