import type { RouteDefinition } from '../http/route.ts';
import { CancelJob } from './cancel-job.ts';
import { ClipMetadata } from './clip-metadata.ts';
import { ClipThumbnail } from './clip-thumbnail.ts';
import { DownloadClip } from './download-clip.ts';
import { GenerateClips } from './generate-clips.ts';
import { GetAudioClip } from './get-audio-clip.ts';
import { Health } from './health.ts';
import { JobStatus } from './job-status.ts';
import { ListClips } from './list-clips.ts';
import { ReprocessJob } from './reprocess-job.ts';
import { StreamClip } from './stream-clip.ts';

/** Every route of the HTTP API. */
export const ROUTE_CATALOGUE: readonly RouteDefinition[] = [
  GenerateClips,
  JobStatus,
  DownloadClip,
  StreamClip,
  ClipMetadata,
  ClipThumbnail,
  ListClips,
  GetAudioClip,
  ReprocessJob,
  CancelJob,
  Health,
];
