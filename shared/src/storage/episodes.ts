import * as z from 'zod';
import { PermanentError } from '../errors.ts';
import { describe } from '../events/define-event.ts';
import { idSchema } from '../ids.ts';
import { objectKeys, tableKeys } from '../keys.ts';
import { isPlainKeyBelow } from '../media/hls/resolve-key.ts';
import { getItem } from './items.ts';

/** The episode item: written by upstream or by the ingest command, only read by us. */
const episodeSchema = z.looseObject({
  tracks: z.record(idSchema, z.looseObject({ playlistKey: z.string().min(1).max(1024) })),
});

export interface Track {
  trackName: string;
  /** S3 key of the media playlist, always inside {@link Track.folder}. */
  playlistKey: string;
  /** S3 folder of the track, with a trailing slash. */
  folder: string;
}

interface EpisodeIds {
  tenantId: string;
  episodeId: string;
}

interface TrackIds extends EpisodeIds {
  trackName: string;
}

/**
 * Finds the item of an episode. This is where tenants are kept apart: without an item of the episode in
 * the tenant's own partition there is no work, whatever lies in the bucket.
 * @throws PermanentError `EPISODE_NOT_FOUND`
 */
export async function findEpisode(ids: EpisodeIds): Promise<unknown> {
  const item = await getItem(tableKeys.episode(ids));
  if (item) return item;
  throw new PermanentError(
    'EPISODE_NOT_FOUND',
    `The tenant ${ids.tenantId} has no episode ${ids.episodeId}: ingest it first, or check both ids.`,
  );
}

/** @throws PermanentError `EPISODE_NOT_FOUND`, `EPISODE_INVALID` or `TRACK_NOT_FOUND` */
export async function findTrack(ids: TrackIds): Promise<Track> {
  const item = await findEpisode(ids);
  const episode = episodeSchema.safeParse(item);
  if (!episode.success) {
    throw new PermanentError(
      'EPISODE_INVALID',
      `The item of episode ${ids.episodeId} does not fit: ${describe(episode.error)}.`,
    );
  }
  const track = Object.hasOwn(episode.data.tracks, ids.trackName)
    ? episode.data.tracks[ids.trackName]
    : undefined;
  if (!track) {
    const names = Object.keys(episode.data.tracks).join(', ') || 'none';
    throw new PermanentError(
      'TRACK_NOT_FOUND',
      `Episode ${ids.episodeId} has no track ${ids.trackName}; it has: ${names}.`,
    );
  }
  const folder = objectKeys.track(ids);
  if (!isPlainKeyBelow(folder, track.playlistKey)) {
    throw new PermanentError(
      'EPISODE_INVALID',
      `The playlistKey of track ${ids.trackName} must lie below ${folder}, without "..", "//" or "\\".`,
    );
  }
  return { trackName: ids.trackName, playlistKey: track.playlistKey, folder };
}
