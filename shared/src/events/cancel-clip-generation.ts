import * as z from 'zod';
import { idSchema, tenantIdSchema } from '../ids.ts';
import { type EventDefinition, UPSTREAM_SOURCE } from './define-event.ts';
import { executionIdSchema } from './fields.ts';

const schema = z.looseObject({
  tenantId: tenantIdSchema,
  episodeId: idSchema,
  clipId: idSchema,
  /** Absent: the newest execution of the clip or, if none is being made, what was requested by now. */
  executionId: executionIdSchema.optional(),
});

export const CancelClipGeneration = {
  detailType: 'Cancel Clip Generation',
  source: UPSTREAM_SOURCE,
  meaning:
    'Requests cancellation of a clip that is being made or about to be. A replay of it changes nothing.',
  schema,
  example: { tenantId: 'acme', episodeId: 'episode-42', clipId: 'best-moment' },
} satisfies EventDefinition<typeof schema>;
