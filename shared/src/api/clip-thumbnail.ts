import * as z from 'zod';
import type { RouteDefinition } from '../http/route.ts';
import { FILE_PROBLEMS } from './download-clip.ts';
import { jobPathSchema } from './fields.ts';

export const ClipThumbnail = {
  operationId: 'clipThumbnail',
  method: 'GET',
  path: '/api/v1/videos/jobs/{job_id}/thumbnail',
  summary: 'A picture of the finished clip.',
  access: 'tenant',
  pathSchema: jobPathSchema,
  querySchema: z.object({
    /** The poster, or the thumbnail of the first, second or last third of the clip. */
    picture: z.enum(['poster', '1', '2', '3']).default('poster'),
  }),
  headerSchema: z.object({ 'if-none-match': z.string().max(1024).optional() }),
  answers: {
    200: {
      description: 'A JPEG.',
      contentType: 'image/jpeg',
      headers: { ETag: 'Names this very picture.', 'Cache-Control': 'How long to keep it.' },
    },
    304: {
      description: 'The picture is the one that If-None-Match names.',
      headers: { ETag: 'Names this very picture.', 'Cache-Control': 'How long to keep it.' },
    },
  },
  problems: {
    ...FILE_PROBLEMS,
    409: 'There is no file, or it has no picture; the problem tells why.',
    425: 'The clip, or its picture, is not finished: ask again after Retry-After seconds.',
  },
} as const satisfies RouteDefinition;
