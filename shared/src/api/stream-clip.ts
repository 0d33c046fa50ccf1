import * as z from 'zod';
import type { RouteDefinition } from '../http/route.ts';
import { FILE_PROBLEMS } from './download-clip.ts';
import { jobPathSchema } from './fields.ts';

export const HLS_CONTENT_TYPE = 'application/vnd.apple.mpegurl';

export const StreamClip = {
  operationId: 'streamClip',
  method: 'GET',
  path: '/api/v1/videos/jobs/{job_id}/stream',
  summary: 'Plays the finished clip, as MP4 or HLS.',
  access: 'tenant',
  pathSchema: jobPathSchema,
  querySchema: z.object({
    /** `720p`, `1080p` or `source`, the clip as it was cut. Without: `source`, and for HLS all of them. */
    quality: z.string().max(20).optional(),
    format: z.enum(['mp4', 'hls']).default('mp4'),
  }),
  answers: {
    200: {
      description:
        'HLS: of one quality a media playlist whose chunks are at signed URLs; of all, the master playlist, which leads back here.',
      contentType: HLS_CONTENT_TYPE,
    },
    302: {
      description: 'MP4, at a URL that is signed for some hours and honours Range.',
      headers: { Location: 'The signed URL.' },
    },
  },
  problems: {
    ...FILE_PROBLEMS,
    400: 'The request does not fit, or the clip is not there in this quality: `available` lists those it is.',
    409: 'There is no file, or this quality of it could not be made; the problem tells why.',
    425: 'The clip, or this quality of it, is not finished: ask again after Retry-After seconds.',
  },
} as const satisfies RouteDefinition;
