import * as z from 'zod';
import type { RouteDefinition } from '../http/route.ts';
import { jobPathSchema, jobSchema } from './fields.ts';

export const CancelJob = {
  operationId: 'cancelJob',
  method: 'POST',
  path: '/api/v1/admin/jobs/{job_id}/cancel',
  summary: 'Stops what of a job has not begun.',
  access: 'admin',
  pathSchema: jobPathSchema,
  answers: {
    202: {
      description: 'It will be cancelled, unless it ends before that.',
      schema: z.object({ job: jobSchema }),
    },
  },
  problems: {
    404: 'There is no such job of the tenant.',
    409: 'The job has ended.',
  },
} as const satisfies RouteDefinition;
