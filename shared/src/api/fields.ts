import * as z from 'zod';
import type { ClipRecord } from '../clip/clip-record.ts';
import { JOB_STAGES } from '../clip/job-progress.ts';
import { clipWarningSchema } from '../events/warnings.ts';
import { idSchema } from '../ids.ts';
import { jobIdSchema } from '../jobs.ts';

// What several routes share. Times are ISO 8601.

export const jobPathSchema = z.object({ job_id: jobIdSchema });

export const episodePathSchema = z.object({ episode_id: idSchema });

export const idempotencyHeaderSchema = z.object({
  /** The same key is the same request, however often it is sent: it gives the same jobs. */
  'idempotency-key': z.string().min(1).max(255).optional(),
});

export const CLIP_STATUSES = [
  'detected',
  'Generation in Progress',
  'Generation Complete',
  'Generation Failed',
  'Cancelled',
] as const;

export const clipStatusSchema = z.enum(CLIP_STATUSES);

/** Where to go from a job, as paths of this API. */
export const jobLinksSchema = z.object({
  status: z.string(),
  download: z.string(),
  stream: z.string(),
  thumbnail: z.string(),
  metadata: z.string(),
});

/** A clip that was asked for. */
export const jobSchema = z.object({
  jobId: z.string(),
  episodeId: idSchema,
  clipId: idSchema,
  executionId: z.string(),
  links: jobLinksSchema,
});

/** What people call a clip, where a request or upstream says so. */
export const describedAnswerFields = {
  title: z.string().optional(),
  description: z.string().optional(),
};

export const describedOf = ({ title, description }: Partial<ClipRecord> = {}) => ({
  ...(title && { title }),
  ...(description && { description }),
});

export const progressFields = {
  stage: z.enum(JOB_STAGES),
  /** 100 only once the file is there. */
  percentage: z.int().min(0).max(100),
  /** A sentence for people. */
  message: z.string(),
};

export const processingErrorSchema = z.object({
  code: z.string(),
  message: z.string(),
  timestamp: z.string(),
});

export const warningAnswerFields = {
  /** In what the finished clip is less than what was asked for; empty where it is not, or not finished. */
  warnings: z.array(clipWarningSchema),
  /** How many more warnings there are than `warnings` lists. */
  moreWarnings: z.int().positive().optional(),
};

export type JobAnswer = z.output<typeof jobSchema>;
