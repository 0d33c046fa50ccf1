import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PermanentError } from '#shared/errors';
import { cutAudio } from '#shared/media/audio-clip/cut-audio';
import type { Reading } from '#shared/media/audio-clip/file-sound';
import { openAudio } from '#shared/media/audio-clip/open-audio';
import { audioUndecodable } from '#shared/media/audio-clip/undecodable';
import { openHeard } from '#shared/media/collect/open-heard';
import { MediaWork } from '#shared/media/ffmpeg/media-work';
import { MediaToolError } from '#shared/media/ffmpeg/run';
import { reasonOf, toolsWords } from '#shared/media/media-problem';
import { OutputCheckError } from '#shared/media/output-check-error';
import { makeExactSound } from '#shared/media/sound/checked-sound';
import { mp3Output } from '#shared/media/sound/encode-mp3';
import { exactSound } from '#shared/media/sound/exact-sound';
import type { MediaWarning } from '#shared/media/warnings';
import type { EpisodeSound, Track } from '#shared/storage/episodes';
import { isMissing, putIfAbsent } from '#shared/storage/objects';
import { fetchPlaylist } from '#shared/storage/playlists';
import { S3Object } from '#shared/storage/s3-object';
import { withWorkspace } from '#shared/storage/workspace';
import { S3Chunks } from '../s3-chunks.ts';
import { S3IndexStore } from './index-store.ts';
import { assertInside, type WantedAudioClip } from './request.ts';

/** In what a clip is less than what was asked for. */
export interface AudioClipWarnings {
  /** Absent: in nothing. */
  warnings?: readonly MediaWarning[];
}

/** What was read of the episode for a clip. */
export interface ReadForClip {
  bytesRead: number;
  /** How: as `Reading` tells it of an audio file; `chunks`, of a track. */
  reading: Reading | 'chunks';
}

export interface MadeAudioClip extends ReadForClip, AudioClipWarnings {
  fileSizeBytes: number;
  /** Wall time inside FFmpeg's processes. */
  ffmpegMs: number;
}

/**
 * Cuts a clip out of its episode and uploads it, unless there is one already.
 * @throws PermanentError when the request, the episode or its media must change first
 */
export function makeAudioClip(
  clip: WantedAudioClip,
  sound: EpisodeSound,
  signal: AbortSignal,
): Promise<MadeAudioClip> {
  return withWorkspace(async (folder) => {
    const work = new MediaWork(folder, signal);
    const file = join(folder, 'clip.mp3');
    const read =
      'audioKey' in sound
        ? await cutFromFile(clip, sound.audioKey, file, work)
        : await cutFromTrack(clip, sound.track, file, work);
    await putIfAbsent(clip.s3Key, { file }, 'audio/mpeg', signal);
    return { ...read, fileSizeBytes: (await stat(file)).size, ffmpegMs: work.ffmpegMs };
  });
}

async function cutFromFile(
  clip: WantedAudioClip,
  audioKey: string,
  file: string,
  work: MediaWork,
): Promise<ReadForClip & AudioClipWarnings> {
  const object = await openObject(audioKey, work.signal);
  const store = new S3IndexStore({ ...clip, etag: object.etag }, work.signal);
  const sound = await openAudio(object, store, work);
  assertInside(clip, Math.round((sound.sampleCount * 1000) / sound.sampleRate));
  const warnings = await cutAudio(sound, clip, mp3Output(file), work);
  const read = { bytesRead: object.bytesRead, reading: sound.reading };
  return { ...read, ...(warnings.length > 0 ? { warnings } : {}) };
}

async function openObject(audioKey: string, signal: AbortSignal): Promise<S3Object> {
  try {
    const object = await S3Object.open(audioKey, signal);
    if (object) return object;
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new PermanentError(
      'AUDIO_NOT_FOUND',
      `The audio file ${audioKey} is not in the bucket: upload it, or correct the episode item.`,
      { cause: error },
    );
  }
  throw audioUndecodable('it is empty');
}

async function cutFromTrack(
  clip: WantedAudioClip,
  track: Track,
  file: string,
  work: MediaWork,
): Promise<ReadForClip & AudioClipWarnings> {
  const playlists = await fetchPlaylist(track, 'best', work.signal);
  assertInside(clip, Math.round(playlists.picture.durationUs / 1000));
  const picture = {
    playlist: playlists.picture,
    store: new S3Chunks(work.folder, 'picture', work.signal),
  };
  const sound = playlists.sound && {
    playlist: playlists.sound,
    store: new S3Chunks(work.folder, 'sound', work.signal),
  };
  const { stretches, warnings } = await openHeard(clip, picture, sound, work);
  if (stretches.every(({ source }) => source.sound === undefined)) {
    throw new PermanentError(
      'EPISODE_HAS_NO_SOUND',
      `The track ${track.trackName} of episode ${clip.episodeId} has no sound there: ask for another moment, or ingest its audio.`,
    );
  }
  try {
    const exact = await exactSound(stretches, file, 'mp3', work);
    warnings.push(...(await makeExactSound(exact, work)));
  } catch (error) {
    if (!(error instanceof MediaToolError || error instanceof OutputCheckError)) throw error;
    throw new PermanentError(
      'CHUNK_UNDECODABLE',
      `The audio of the chunks cannot be decoded (${reasonOf(error)}): ask for another moment, or package the episode again.${toolsWords(error)}`,
      { cause: error },
    );
  }
  const bytesRead =
    playlists.bytesRead + picture.store.bytesRead + (sound ? sound.store.bytesRead : 0);
  return { bytesRead, reading: 'chunks', ...(warnings.length > 0 ? { warnings } : {}) };
}
