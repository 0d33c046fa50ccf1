import * as z from 'zod';
import type { RouteDefinition } from '../http/route.ts';
import { idSchema } from '../ids.ts';
import { clipStatusSchema, episodePathSchema } from './fields.ts';

const DEFAULT_LIMIT = 25;
const MAX_LIMIT = 100;

const listedClipSchema = z.object({
  clipId: idSchema,
  /** Of its newest execution; absent where none has been asked for. */
  jobId: z.string().optional(),
  status: clipStatusSchema,
  /** `HH:MM:SS` */
  duration: z.string().optional(),
  /** Bytes. */
  fileSize: z.int().optional(),
  createdAt: z.string(),
  updatedAt: z.string(),
});

export const ListClips = {
  operationId: 'listClips',
  method: 'GET',
  path: '/api/v1/episodes/{episode_id}/clips',
  summary: 'Lists the clips of an episode, newest first.',
  access: 'tenant',
  pathSchema: episodePathSchema,
  querySchema: z.object({
    status: clipStatusSchema.optional(),
    limit: z.coerce.number().int().min(1).max(MAX_LIMIT).default(DEFAULT_LIMIT),
    /** `nextCursor` of the page before. */
    cursor: z.string().max(1024).optional(),
  }),
  answers: {
    200: {
      description: 'One page of clips.',
      schema: z.object({
        clips: z.array(listedClipSchema),
        /** Absent on the last page. */
        nextCursor: z.string().optional(),
      }),
    },
  },
  problems: { 404: 'The tenant has no such episode.' },
} as const satisfies RouteDefinition;

export type ListedClip = z.output<typeof listedClipSchema>;
