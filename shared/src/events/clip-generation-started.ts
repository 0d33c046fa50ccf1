import * as z from 'zod';
import { idSchema } from '../ids.ts';
import { cutOptionsSchema, DEFAULT_CUT_OPTIONS } from './cut-options.ts';
import type { EventDefinition } from './define-event.ts';
import { clipFields, describedFields, EXAMPLE_CLIP, spanFields } from './fields.ts';

const schema = z.looseObject({
  ...clipFields,
  trackName: idSchema,
  ...describedFields,
  /** Place of the clip in its execution, and how many clips the execution has. */
  clipIndex: z.int().nonnegative(),
  clipCount: z.int().positive(),
  segments: z.array(
    z.looseObject({ ...spanFields, speaker: z.string().optional(), text: z.string().optional() }),
  ),
  /** How its segments are cut; absent in events from before there was a choice. */
  options: cutOptionsSchema.default(DEFAULT_CUT_OPTIONS),
});

export const ClipGenerationStarted = {
  detailType: 'ClipGenerationStarted',
  source: 'nullcheck.clips.trigger',
  meaning: 'A clip was accepted; its segments are being asked for.',
  schema,
  example: {
    ...EXAMPLE_CLIP,
    trackName: 'main',
    clipIndex: 0,
    clipCount: 1,
    segments: [
      { startMs: 330_000, endMs: 345_500, speaker: 'Ada', text: 'And then it flew.' },
      { startMs: 402_250, endMs: 410_000 },
    ],
    options: DEFAULT_CUT_OPTIONS,
  },
} satisfies EventDefinition<typeof schema>;
