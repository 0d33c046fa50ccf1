import type { ClipMedia } from '../../events/clip-stitched.ts';
import type { MediaWork } from '../ffmpeg/media-work.ts';
import { readMovieBody } from '../mp4/boxes.ts';
import { codecName } from '../mp4/codec-names.ts';
import { readTrackHeaders, type TrackHeader } from '../mp4/movie/read-movie.ts';
import { readSampleEntry } from '../mp4/tracks/initialization.ts';
import { readSoundFormat } from '../mp4/tracks/sound-format.ts';
import { NotCopyableError } from '../not-copyable.ts';
import { AAC_SAMPLE_RATES } from '../packed-audio/adts.ts';
import { probeClip } from './probe-clip.ts';

/** 7 stands for 7.1: ISO/IEC 14496-3, table 1.19. */
const CHANNELS_OF_CONFIG: Readonly<Record<number, number>> = { 7: 8 };

/** How many pictures a clip has, and how long it shows them, in ticks of 90 kHz. */
export interface ClipLength {
  frameCount: number;
  durationTicks: number;
}

/**
 * What a finished clip holds, as its own header tells it. Its samples are not looked at: those of an hour take more
 * memory than all the rest of the work.
 * @throws NotCopyableError for codecs that no clip of ours has; MediaToolError when FFprobe cannot read it
 */
export async function describeClip(
  file: string,
  length: ClipLength,
  work: MediaWork,
): Promise<ClipMedia> {
  const movie = await readMovieBody(file);
  if (!movie) throw new NotCopyableError('the MP4 describes no tracks');
  const tracks = readTrackHeaders(movie);
  const video = tracks.find(({ kind }) => kind === 'video');
  const audio = tracks.find(({ kind }) => kind === 'audio');
  const size = video && (await probeClip(file, work))?.size;
  return {
    ...(video &&
      size && { video: { codec: codecName(video), ...size, frameRate: frameRateOf(length) } }),
    ...(audio && { audio: { codec: codecName(audio), ...soundOf(audio) } }),
  };
}

const frameRateOf = ({ frameCount, durationTicks }: ClipLength): number =>
  Math.round((90_000_000 * frameCount) / durationTicks) / 1_000;

function soundOf({ description, timescale }: TrackHeader) {
  const { aac } = readSoundFormat(readSampleEntry(description)) ?? {};
  const { frequencyIndex = -1, channelConfig = 2 } = aac ?? {};
  return {
    sampleRate: AAC_SAMPLE_RATES[frequencyIndex] ?? timescale,
    channels: CHANNELS_OF_CONFIG[channelConfig] ?? channelConfig,
  };
}
