import * as z from 'zod';
import { idSchema } from '../ids.ts';
import type { EventDefinition } from './define-event.ts';
import { EXAMPLE_CLIP, segmentFields, spanFields } from './fields.ts';

const schema = z.looseObject({
  ...segmentFields,
  trackName: idSchema,
  ...spanFields,
});

export const SegmentRequested = {
  detailType: 'SegmentRequested',
  source: 'nullcheck.clips.trigger',
  meaning: 'One segment of a clip has to be cut out of its episode.',
  schema,
  example: {
    ...EXAMPLE_CLIP,
    segmentIndex: 0,
    trackName: 'main',
    startMs: 330_000,
    endMs: 345_500,
  },
} satisfies EventDefinition<typeof schema>;
