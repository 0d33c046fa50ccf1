import { numberVariable } from './environment.ts';

/** What one request may ask for. Each limit is a parameter of the templates. */
export interface Limits {
  maxClipsPerRequest: number;
  maxSegmentsPerClip: number;
  maxSegmentSeconds: number;
  /** How long one delivery waits for an episode that still grows. */
  maxGrowthWaitSeconds: number;
}

/** @throws Error where the template sets something that is no number */
export function configuredLimits(): Limits {
  return {
    // The trigger has 30 s to publish an event for every clip and every segment.
    maxClipsPerRequest: numberVariable('MAX_CLIPS_PER_REQUEST', 1_000),
    // StitchRequested lists every segment and an event holds 256 KB: 100 segments are well inside.
    maxSegmentsPerClip: numberVariable('MAX_SEGMENTS_PER_CLIP', 100),
    // What re-encoding 1080p fits into the extractor's 15 minutes, with room.
    maxSegmentSeconds: numberVariable('MAX_SEGMENT_SECONDS', 1_800),
    // Well inside the extractor's 15 minutes; Lambda delivers twice more, after pauses of its own.
    maxGrowthWaitSeconds: numberVariable('MAX_GROWTH_WAIT_SECONDS', 300),
  };
}

/** How long an audio clip may be, in milliseconds. */
export interface AudioClipLimits {
  minMs: number;
  maxMs: number;
}

/** @throws Error where the template sets something that is no number */
export function configuredAudioClipLimits(): AudioClipLimits {
  return {
    minMs: numberVariable('MIN_AUDIO_CLIP_MS', 1_000),
    // Somebody waits while a clip is made, and API Gateway lets nobody wait for more than 30 s.
    maxMs: numberVariable('MAX_AUDIO_CLIP_MS', 300_000),
  };
}
