import * as z from 'zod';
import { idSchema } from '../ids.ts';
import { cutOptionsSchema, DEFAULT_CUT_OPTIONS } from './cut-options.ts';
import type { EventDefinition } from './define-event.ts';
import { EXAMPLE_CLIP, segmentFields, spanFields } from './fields.ts';

const schema = z.looseObject({
  ...segmentFields,
  trackName: idSchema,
  ...spanFields,
  /** How to cut it; absent in events from before there was a choice. */
  options: cutOptionsSchema.default(DEFAULT_CUT_OPTIONS),
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
    options: DEFAULT_CUT_OPTIONS,
  },
} satisfies EventDefinition<typeof schema>;
