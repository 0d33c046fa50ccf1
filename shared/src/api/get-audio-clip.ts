import * as z from 'zod';
import type { RouteDefinition } from '../http/route.ts';
import { WARNING_CODES } from '../media/warnings.ts';
import { episodePathSchema } from './fields.ts';

/** Of a query, where an empty text would pass for 0 if it were only converted. */
const wholeMs = z
  .string()
  .regex(/^\d{1,9}$/, 'must be a whole number of milliseconds')
  .transform(Number);

export const GetAudioClip = {
  operationId: 'getAudioClip',
  method: 'GET',
  path: '/api/v1/audio_clips/{episode_id}',
  summary: 'Cuts what is heard of a moment, unless that has been done before.',
  access: 'tenant',
  pathSchema: episodePathSchema,
  querySchema: z.object({ start_time_ms: wholeMs, duration_ms: wholeMs }),
  answers: {
    200: {
      description: 'The clip, as MP3.',
      schema: z.object({
        /** Signed: anybody can read it there, for 24 hours at most. */
        clip_url: z.string(),
        /** Whether it was there before. */
        cache_hit: z.boolean(),
        generation_time_ms: z.int().min(0),
        /** In what the clip is less than what was asked for: there is silence instead. Absent: in nothing. */
        warnings: z
          .array(
            z.object({
              code: z.enum(WARNING_CODES),
              /** A sentence for people. */
              message: z.string(),
              /** Episode time at which it begins; absent where it concerns all of the clip. */
              at_ms: z.int().min(0).optional(),
            }),
          )
          .optional(),
      }),
    },
  },
  problems: {
    400: 'The request does not fit, or ends past the end of the episode: `episodeDurationMs` says where that is.',
    404: 'The tenant has no such episode.',
    409: 'The episode’s audio has to be mended first.',
    425: 'Somebody else’s request is cutting it: ask again after Retry-After seconds.',
  },
} as const satisfies RouteDefinition;
