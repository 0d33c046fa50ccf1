import type { RouteDefinition } from '../http/route.ts';
import { jobPathSchema } from './fields.ts';

/** Of every route that needs the finished file. */
export const FILE_PROBLEMS = {
  404: 'There is no such job of the tenant.',
  409: 'The job has ended without a file; the problem tells why.',
  410: 'The file was removed.',
  425: 'The clip is not finished: ask again after Retry-After seconds.',
} as const;

export const DownloadClip = {
  operationId: 'downloadClip',
  method: 'GET',
  path: '/api/v1/videos/jobs/{job_id}/download',
  summary: 'Leads to the finished clip.',
  access: 'tenant',
  pathSchema: jobPathSchema,
  answers: {
    302: {
      description: 'The file, at a URL that is signed for some minutes and honours Range.',
      headers: { Location: 'The signed URL.' },
    },
  },
  problems: FILE_PROBLEMS,
} as const satisfies RouteDefinition;
