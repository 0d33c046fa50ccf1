import * as z from 'zod';
import type { RouteDefinition } from '../http/route.ts';

const checkSchema = z.object({ ok: z.boolean(), ms: z.int() });

const healthSchema = z.object({
  status: z.enum(['ok', 'unavailable']),
  /** Whether each was reached, and how many milliseconds that took. */
  checks: z.object({ table: checkSchema, bucket: checkSchema, bus: checkSchema }),
});

export const Health = {
  operationId: 'health',
  method: 'GET',
  answersHead: true,
  path: '/health',
  summary: 'Says whether the functions reach the table, the bucket and the bus.',
  access: 'public',
  answers: {
    200: { description: 'All of them.', schema: healthSchema },
    503: { description: 'Not all of them.', schema: healthSchema },
  },
  problems: {},
} as const satisfies RouteDefinition;
