import { createHash } from 'node:crypto';

// Keys of the one table and the one bucket. Every id that goes in has passed `idSchema`, so `#` and `/`
// separate parts and never occur inside one; and the tenantId has passed `tenantIdSchema`, so that a
// tenant's partition is never `processing#…` or `executions#…`.

/** Primary key of an item. */
export interface TableKey {
  pk: string;
  sk: string;
}

interface EpisodeIds {
  tenantId: string;
  episodeId: string;
}

interface ClipIds extends EpisodeIds {
  clipId: string;
}

/** Which moments of an episode an audio clip is of. */
export interface AudioClipIds extends EpisodeIds {
  startMs: number;
  endMs: number;
}

interface ClipExecutionIds extends ClipIds {
  executionId: string;
}

/** The partition of an episode: all of its items, for one tenant only. */
export const episodePartition = ({ tenantId, episodeId }: EpisodeIds): string =>
  `${tenantId}#${episodeId}`;

export const CLIP_SORT_PREFIX = 'clip#';
export const CANCELLATION_SORT_PREFIX = 'cancellation#';

export const tableKeys = {
  episode: (ids: EpisodeIds): TableKey => ({ pk: episodePartition(ids), sk: 'episode' }),

  clip: (ids: ClipIds): TableKey => ({
    pk: episodePartition(ids),
    sk: `${CLIP_SORT_PREFIX}${ids.clipId}`,
  }),

  /** The stitcher's counter of the segments of a clip that are there. */
  assembly: (ids: ClipExecutionIds): TableKey => ({
    pk: episodePartition(ids),
    sk: `assembly#${ids.clipId}#${ids.executionId}`,
  }),

  /** The extractor's note of what came of a segment. */
  segment: (ids: ClipExecutionIds & { segmentIndex: number }): TableKey => ({
    pk: episodePartition(ids),
    sk: `segment#${ids.clipId}#${ids.executionId}#${ids.segmentIndex}`,
  }),

  /** The stitcher's note of what came of the pictures taken out of a finished clip. */
  thumbnails: (ids: ClipExecutionIds): TableKey => ({
    pk: episodePartition(ids),
    sk: `thumbnails#${ids.clipId}#${ids.executionId}`,
  }),

  /** The stitcher's note of what came of one rendition of a finished clip. */
  rendition: (ids: ClipExecutionIds & { rendition: string }): TableKey => ({
    pk: episodePartition(ids),
    sk: `rendition#${ids.clipId}#${ids.executionId}#${ids.rendition}`,
  }),

  execution: (executionId: string): TableKey => ({ pk: `processing#${executionId}`, sk: 'state' }),

  /** The status service's note that an execution makes a clip. */
  executionClip: (executionId: string, clipId: string): TableKey => ({
    pk: `processing#${executionId}`,
    sk: `${CLIP_SORT_PREFIX}${clipId}`,
  }),

  /** The extractor's note that no more of a clip is wanted. */
  extraction: (ids: ClipExecutionIds): TableKey => ({
    pk: episodePartition(ids),
    sk: `extraction#${ids.clipId}#${ids.executionId}`,
  }),

  /** The status service's note of how far work is that has not ended. */
  progress: (ids: ClipExecutionIds): TableKey => ({
    pk: episodePartition(ids),
    sk: `progress#${ids.clipId}#${ids.executionId}`,
  }),

  /** The trigger's note of a request over HTTP, from before anything has come of it. */
  accepted: (ids: EpisodeIds & { executionId: string }): TableKey => ({
    pk: episodePartition(ids),
    sk: `request#${ids.executionId}`,
  }),

  /** The trigger's note of what a tenant has used an Idempotency-Key for. @param name stands for both */
  idempotency: (name: string): TableKey => ({ pk: `processing#${name}`, sk: 'idempotency' }),

  /** The record of an audio clip, and who is cutting it. */
  audioClip: (ids: AudioClipIds): TableKey => ({
    pk: episodePartition(ids),
    sk: `audio#${ids.startMs}-${ids.endMs}`,
  }),

  /** The trigger's note of the newest execution of a clip that has begun. */
  newest: (ids: ClipIds): TableKey => ({ pk: episodePartition(ids), sk: `newest#${ids.clipId}` }),

  /** The trigger's note that a clip was cancelled. @param ids without an execution: whichever is requested by then */
  cancellation: (ids: ClipIds & { executionId?: string }): TableKey => ({
    pk: episodePartition(ids),
    sk: `${CANCELLATION_SORT_PREFIX}${ids.clipId}${ids.executionId ? `#${ids.executionId}` : ''}`,
  }),

  /** The trigger's note of what an execution began with. */
  begun: (executionId: string): TableKey => ({ pk: `processing#${executionId}`, sk: 'begun' }),
};

/** The GSI lists the clips of an episode by the time they were first heard of. */
export const clipsByTimeKey = (ids: ClipIds, createdAt: string) => ({
  GSI1PK: episodePartition(ids),
  GSI1SK: `${createdAt}#${ids.clipId}`,
});

/** The GSI lists executions by when they began, apart from each other by whether they have ended. */
export const executionsByTimeKey = (
  { executionId, executionStartedAt }: { executionId: string; executionStartedAt: string },
  status: 'running' | 'ended',
) => ({
  GSI1PK: `executions#${status}`,
  GSI1SK: `${executionStartedAt}#${executionId}`,
});

/** Below it, finished clips lie that could not be uploaded to where they belong. */
export const KEPT_CLIPS_PREFIX = 'failed-uploads/';

/** What an intermediate is: the picture, lossless sound, or AAC. */
export type SegmentExtension = 'mp4' | 'flac' | 'aac';

/** The pictures taken out of a finished clip. */
export type PictureName = 'poster' | `thumbnail-${number}`;

/** What a rendition consists of: a file to download, and for HLS a playlist with the file it points into. */
export type RenditionExtension = 'mp4' | 'm3u8' | 'm4s';

interface DerivedIds {
  episodeId: string;
  clipId: string;
  /** Of the clip it is made of: what is made of a newer one never overwrites it, nor the other way round. */
  executionId: string;
}

export const objectKeys = {
  /** Folder of a track's playlist and chunks, with a trailing slash. */
  track: (ids: { episodeId: string; trackName: string }): string =>
    `${ids.episodeId}/tracks/${ids.trackName}/`,

  /** Folder of an episode's own audio file, with a trailing slash. */
  audio: (ids: { episodeId: string }): string => `${ids.episodeId}/audio/`,

  audioClip: (ids: Omit<AudioClipIds, 'tenantId'>): string =>
    `audio_clips/${ids.episodeId}/${ids.startMs}-${ids.endMs}.mp3`,

  /** The index of an audio file as it was when it had this ETag: letters, digits and dashes, in quotes. */
  audioIndex: (ids: { episodeId: string; etag: string }): string =>
    `audio_indexes/${ids.episodeId}/${ids.etag.replaceAll(/[^\w-]/g, '')}.json`,

  clip: (ids: { episodeId: string; clipId: string }): string =>
    `${ids.episodeId}/clips/${ids.clipId}/clip.mp4`,

  /** An execution's finished clip that could not be uploaded. */
  keptClip: (ids: { episodeId: string; clipId: string; executionId: string }): string =>
    `${KEPT_CLIPS_PREFIX}${ids.episodeId}/${ids.clipId}/${ids.executionId}/clip.mp4`,

  /** An intermediate of one segment. */
  segment: (
    ids: { episodeId: string; clipId: string; executionId: string; segmentIndex: number },
    extension: SegmentExtension,
  ): string =>
    `${ids.episodeId}/clips/${ids.clipId}/segments/${ids.executionId}/${ids.segmentIndex}.${extension}`,

  picture: (ids: DerivedIds, name: PictureName): string =>
    `${ids.episodeId}/clips/${ids.clipId}/thumbnails/${ids.executionId}/${name}.jpg`,

  rendition: (ids: DerivedIds & { rendition: string }, extension: RenditionExtension): string =>
    `${ids.episodeId}/clips/${ids.clipId}/renditions/${ids.executionId}/${ids.rendition}.${extension}`,
};

/** Folders of what is made of a finished clip, one folder in each for every execution. */
export const derivedFolders = (ids: { episodeId: string; clipId: string }): string[] =>
  ['thumbnails', 'renditions'].map((kind) => `${ids.episodeId}/clips/${ids.clipId}/${kind}/`);

/** The execution whose clip an object of {@link derivedFolders} was made of. */
export function executionOfDerived(key: string): string | undefined {
  return /^[^/]+\/clips\/[^/]+\/(?:thumbnails|renditions)\/([^/]+)\/[^/]+$/.exec(key)?.[1];
}

/** The clip that a key is the finished file of. */
export function clipOfFile(key: string): { episodeId: string; clipId: string } | undefined {
  const [, episodeId, clipId] = /^([^/]+)\/clips\/([^/]+)\/clip\.mp4$/.exec(key) ?? [];
  return episodeId && clipId ? { episodeId, clipId } : undefined;
}

/** The episode a recommendations file belongs to, from `<episodeId>/recommendations/*.json`. */
export function episodeOfRecommendations(key: string): string | undefined {
  return /^([^/]+)\/recommendations\/[^/]+\.json$/.exec(key)?.[1];
}

/**
 * A stable id from parts: the same parts give the same id, on any machine, on any retry.
 * The parts are joined with a byte that no id can hold, so that ('a','bc') and ('ab','c') differ.
 */
export function stableId(...parts: (string | number | undefined)[]): string {
  const text = parts.map((part) => part ?? '').join('\u0000');
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
