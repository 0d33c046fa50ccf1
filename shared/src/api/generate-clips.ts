import * as z from 'zod';
import { clipRequestSchema } from '../events/begin-clip-generation.ts';
import { requestedOptionFields } from '../events/cut-options.ts';
import type { RouteDefinition } from '../http/route.ts';
import { idSchema } from '../ids.ts';
import { idempotencyHeaderSchema, jobSchema } from './fields.ts';

/** The request of `Begin Clip Generation`, but for the tenant, which the token names. */
const bodySchema = z.looseObject({
  episodeId: idSchema,
  trackName: idSchema.default('main'),
  /** Absent: the clips of the episode that are `detected`. */
  clips: z.array(clipRequestSchema).min(1, 'must hold at least one clip').optional(),
  ...requestedOptionFields,
});

export const GenerateClips = {
  operationId: 'generateClips',
  method: 'POST',
  path: '/api/v1/videos/generate',
  summary: 'Asks for clips of an episode.',
  access: 'tenant',
  headerSchema: idempotencyHeaderSchema,
  bodySchema,
  answers: {
    202: {
      description: 'The clips will be made: one job for each, in the order of the request.',
      schema: z.object({ jobs: z.array(jobSchema) }),
    },
  },
  problems: {
    404: 'The tenant has no such episode, or the episode no such track.',
    413: 'The body is larger than an event can be.',
    415: 'The body is no JSON.',
    422: 'The Idempotency-Key was used before, with another body.',
  },
} as const satisfies RouteDefinition;
