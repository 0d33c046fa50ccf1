import * as z from 'zod';
import type { EventDefinition } from './define-event.ts';
import { clipFields, EXAMPLE_CLIP } from './fields.ts';

const schema = z.looseObject({
  ...clipFields,
  /** Of one segment; absent: of the clip being put together. */
  segmentIndex: z.int().nonnegative().optional(),
  /** How much of that work is done. The end of it has an event of its own. */
  percentage: z.int().min(0).max(99),
});

export const ClipProgressed = {
  detailType: 'ClipProgressed',
  source: 'nullcheck.clips.extractor',
  meaning:
    'Long work on a clip goes on; the stitcher publishes it, too. It is in no history: a job’s percentage is made of it.',
  schema,
  example: { ...EXAMPLE_CLIP, segmentIndex: 1, percentage: 45 },
} satisfies EventDefinition<typeof schema>;
