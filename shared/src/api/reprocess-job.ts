import * as z from 'zod';
import type { RouteDefinition } from '../http/route.ts';
import { idempotencyHeaderSchema, jobPathSchema, jobSchema } from './fields.ts';

export const ReprocessJob = {
  operationId: 'reprocessJob',
  method: 'POST',
  path: '/api/v1/admin/jobs/{job_id}/reprocess',
  summary: 'Makes the clip of a job anew, whatever became of it: a new job.',
  access: 'admin',
  pathSchema: jobPathSchema,
  headerSchema: idempotencyHeaderSchema,
  answers: {
    202: { description: 'The new job.', schema: z.object({ job: jobSchema }) },
  },
  problems: {
    404: 'There is no such job of the tenant.',
    409: 'What the job was asked to make is not known yet, or not any more.',
    422: 'The Idempotency-Key was used before, for something else.',
  },
} as const satisfies RouteDefinition;
