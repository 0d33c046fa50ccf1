import * as z from 'zod';
import { RUNG_NAMES } from '../events/fields.ts';
import type { RouteDefinition } from '../http/route.ts';
import {
  clipStatusSchema,
  describedAnswerFields,
  jobPathSchema,
  jobSchema,
  processingErrorSchema,
  progressFields,
  warningAnswerFields,
} from './fields.ts';

const statusEntrySchema = z.object({
  status: clipStatusSchema,
  event: z.string(),
  timestamp: z.string(),
  eventId: z.string(),
  segmentIndex: z.int().optional(),
  /** Of events about one rung of the ladder. */
  rendition: z.enum(RUNG_NAMES).optional(),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
});

const segmentSchema = z.object({
  index: z.int(),
  /** `HH:MM:SS.mmm`; absent where a newer execution has asked for other segments. */
  startTime: z.string().optional(),
  endTime: z.string().optional(),
  state: z.enum(['requested', 'extracted', 'failed']),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
});

const statusSchema = jobSchema.extend({
  status: clipStatusSchema,
  ...progressFields,
  /** What happened to the clip in this execution, in time order. */
  statusHistory: z.array(statusEntrySchema),
  ...describedAnswerFields,
  segments: z.array(segmentSchema),
  ...warningAnswerFields,
  processingError: processingErrorSchema.optional(),
  /** The job that has taken this one's place, where the clip was asked for again. */
  supersededBy: z.string().optional(),
  createdAt: z.string(),
  updatedAt: z.string(),
});

export const JobStatus = {
  operationId: 'jobStatus',
  method: 'GET',
  path: '/api/v1/videos/jobs/{job_id}/status',
  summary: 'Says how far a job is, and what happened so far.',
  access: 'tenant',
  pathSchema: jobPathSchema,
  answers: { 200: { description: 'How far it is.', schema: statusSchema } },
  problems: { 404: 'There is no such job of the tenant.' },
} as const satisfies RouteDefinition;

export type JobStatusAnswer = z.output<typeof statusSchema>;
