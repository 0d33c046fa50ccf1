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

/** The same, of which audio clips are cut: an episode may be nothing but an audio file. */
const audibleEpisodeSchema = z.looseObject({
  tracks: episodeSchema.shape.tracks.default({}),
  /** S3 key of an audio file with the sound of the whole episode. */
  audioKey: z.string().min(1).max(1024).optional(),
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
  const { tracks } = parseEpisode(episodeSchema, await findEpisode(ids), ids);
  return trackOf(tracks, ids);
}

/** Where the sound of an episode is: in an audio file, or in a track. */
export type EpisodeSound = { audioKey: string } | { track: Track };

/** Of several tracks, the one whose sound is the episode's. */
const DEFAULT_TRACK = 'main';

/**
 * Finds the sound in the item of an episode: its own audio file if it has one, else its track `main`, or its only one.
 * @param item as `findEpisode` returns it
 * @throws PermanentError `EPISODE_INVALID`, `TRACK_NOT_FOUND` or, where it has neither, `EPISODE_HAS_NO_SOUND`
 */
export function soundOf(item: unknown, ids: EpisodeIds): EpisodeSound {
  const { tracks, audioKey } = parseEpisode(audibleEpisodeSchema, item, ids);
  if (audioKey !== undefined) {
    assertKeyBelow(objectKeys.audio(ids), audioKey, 'The audioKey');
    return { audioKey };
  }
  const [only, ...others] = Object.keys(tracks);
  if (only === undefined) {
    throw new PermanentError(
      'EPISODE_HAS_NO_SOUND',
      `Episode ${ids.episodeId} has neither an audioKey nor a track: ingest its audio or its video.`,
    );
  }
  const trackName = others.length === 0 ? only : DEFAULT_TRACK;
  return { track: trackOf(tracks, { ...ids, trackName }) };
}

function parseEpisode<Schema extends z.ZodType>(
  schema: Schema,
  item: unknown,
  { episodeId }: EpisodeIds,
): z.output<Schema> {
  const episode = schema.safeParse(item);
  if (episode.success) return episode.data;
  throw new PermanentError(
    'EPISODE_INVALID',
    `The item of episode ${episodeId} does not fit: ${describe(episode.error)}.`,
  );
}

function trackOf(
  tracks: z.output<typeof episodeSchema>['tracks'],
  ids: { episodeId: string; trackName: string },
): Track {
  const track = Object.hasOwn(tracks, ids.trackName) ? tracks[ids.trackName] : undefined;
  if (!track) {
    const names = Object.keys(tracks).join(', ') || 'none';
    throw new PermanentError(
      'TRACK_NOT_FOUND',
      `Episode ${ids.episodeId} has no track ${ids.trackName}; it has: ${names}.`,
    );
  }
  const folder = objectKeys.track(ids);
  assertKeyBelow(folder, track.playlistKey, `The playlistKey of track ${ids.trackName}`);
  return { trackName: ids.trackName, playlistKey: track.playlistKey, folder };
}

function assertKeyBelow(folder: string, key: string, what: string): void {
  if (isPlainKeyBelow(folder, key)) return;
  throw new PermanentError(
    'EPISODE_INVALID',
    `${what} must lie below ${folder}, without "..", "//" or "\\".`,
  );
}
