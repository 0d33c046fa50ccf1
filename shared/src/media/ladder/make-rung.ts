import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { VideoRange } from '../codecs/colour.ts';
import type { MediaWork } from '../ffmpeg/media-work.ts';
import { codecName } from '../mp4/codec-names.ts';
import { type MovieTrack, readMovie } from '../mp4/movie/read-movie.ts';
import { bitratesOf } from './bitrates.ts';
import { type ChunkPlan, leadingTrack } from './plan-chunks.ts';
import { mediaPlaylist } from './playlists.ts';
import { videoRangeOf } from './video-range.ts';
import { writeRung } from './write-rung.ts';

/** A rung of a ladder on local disk, and what players are told of it. */
export interface MadeRung {
  playlistFile: string;
  mediaFile: string;
  bitrate: number;
  peakBitrate: number;
  codecs: string;
  /** Pictures a second on average; absent where there is only sound. */
  frameRate?: number;
  /** Absent where there is only sound, or it is not known. */
  videoRange?: VideoRange;
}

/**
 * Makes HLS of an MP4, without encoding anything.
 * @param name of the rung: its files in the work's folder are called so
 * @throws NotCopyableError when the movie cannot be parted so
 */
export async function makeRung(
  name: string,
  movieFile: string,
  plan: ChunkPlan,
  work: MediaWork,
): Promise<MadeRung> {
  const tracks = await readMovie(movieFile);
  const mediaFile = join(work.folder, `${name}.m4s`);
  const playlistFile = join(work.folder, `${name}.m3u8`);
  const written = await writeRung(mediaFile, movieFile, tracks, plan, work.signal);
  await writeFile(playlistFile, mediaPlaylist(written, `${name}.m4s`));
  const { average, peak } = bitratesOf(written.chunks);
  const videoRange = videoRangeOf(leadingTrack(tracks));
  return {
    playlistFile,
    mediaFile,
    bitrate: average,
    peakBitrate: peak,
    codecs: tracks.map(codecName).join(','),
    ...frameRateOf(tracks, plan),
    ...(videoRange ? { videoRange } : {}),
  };
}

function frameRateOf(tracks: readonly MovieTrack[], { endSeconds }: ChunkPlan) {
  const { kind, samples } = leadingTrack(tracks);
  if (kind !== 'video') return {};
  return { frameRate: Math.round((1_000 * samples.length) / endSeconds) / 1_000 };
}
