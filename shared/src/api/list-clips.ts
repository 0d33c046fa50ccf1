import * as z from 'zod';
import type { RouteDefinition } from '../http/route.ts';
import { idSchema } from '../ids.ts';
import { clipStatusSchema, describedAnswerFields, episodePathSchema } from './fields.ts';

const DEFAULT_LIMIT = 25;
const MAX_LIMIT = 100;

const listedClipSchema = z.object({
  clipId: idSchema,
  /** Of its newest execution; absent where none has been asked for. */
  jobId: z.string().optional(),
  status: clipStatusSchema,
  ...describedAnswerFields,
  /** `HH:MM:SS` */
  duration: z.string().optional(),
  /** Bytes. */
  fileSize: z.int().optional(),
  /** Both are absent of a clip that is `detected`, unless upstream wrote them. */
  createdAt: z.string().optional(),
  updatedAt: z.string().optional(),
});

export const ListClips = {
  operationId: 'listClips',
  method: 'GET',
  path: '/api/v1/episodes/{episode_id}/clips',
  summary: 'Lists the clips of an episode, newest first.',
  access: 'tenant',
  pathSchema: episodePathSchema,
  querySchema: z.object({
    /** `detected`: clips that upstream wrote and nobody has requested; no other list includes them. */
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
