import * as z from 'zod';
import { idSchema, tenantIdSchema } from '../ids.ts';
import type { EventDefinition } from './define-event.ts';
import { EXAMPLE_EXECUTION, errorSchema, executionFields } from './fields.ts';

const schema = z.looseObject({
  ...executionFields,
  // A request so malformed that these cannot be trusted is still answered, without them.
  tenantId: tenantIdSchema.optional(),
  episodeId: idSchema.optional(),
  /** Absent: the whole request is rejected, or the clip's own id cannot be used. */
  clipId: idSchema.optional(),
  /** Absent: the whole request is rejected. */
  clipIndex: z.int().nonnegative().optional(),
  clipCount: z.int().positive().optional(),
  error: errorSchema,
});

export const ClipGenerationRejected = {
  detailType: 'ClipGenerationRejected',
  source: 'nullcheck.clips.trigger',
  meaning: 'A request, or one clip of it, cannot be worked on as it is; its siblings go on.',
  schema,
  example: {
    ...EXAMPLE_EXECUTION,
    clipId: 'best-moment',
    clipIndex: 0,
    clipCount: 1,
    error: {
      code: 'CLIP_INVALID' as const,
      message: 'Clip 0 does not fit: segments.0.endTime: must be later than startTime.',
    },
  },
} satisfies EventDefinition<typeof schema>;
