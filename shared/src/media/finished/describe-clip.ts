import type { ClipMedia } from '../../events/clip-stitched.ts';
import type { MediaWork } from '../ffmpeg/media-work.ts';
import { codecName } from '../mp4/codec-names.ts';
import { type MovieTrack, readMovie } from '../mp4/movie/read-movie.ts';
import { readSampleEntry } from '../mp4/tracks/initialization.ts';
import { readSoundFormat } from '../mp4/tracks/sound-format.ts';
import { AAC_SAMPLE_RATES } from '../packed-audio/adts.ts';
import { probeClip } from './probe-clip.ts';

/** 7 stands for 7.1: ISO/IEC 14496-3, table 1.19. */
const CHANNELS_OF_CONFIG: Readonly<Record<number, number>> = { 7: 8 };

/**
 * What a finished clip holds, as its own tables tell it.
 * @throws NotCopyableError for codecs that no clip of ours has; MediaToolError when FFprobe cannot read it
 */
export async function describeClip(file: string, work: MediaWork): Promise<ClipMedia> {
  const tracks = await readMovie(file);
  const video = tracks.find(({ kind }) => kind === 'video');
  const audio = tracks.find(({ kind }) => kind === 'audio');
  const size = video && (await probeClip(file, work))?.size;
  return {
    ...(video && size && { video: { codec: codecName(video), ...size, ...frameRateOf(video) } }),
    ...(audio && { audio: { codec: codecName(audio), ...soundOf(audio) } }),
  };
}

function frameRateOf({ timescale, samples }: MovieTrack): { frameRate: number } {
  const units = samples.reduce((sum, { duration }) => sum + duration, 0);
  return { frameRate: Math.round((1_000 * samples.length * timescale) / units) / 1_000 };
}

function soundOf({ description, timescale }: MovieTrack) {
  const { aac } = readSoundFormat(readSampleEntry(description)) ?? {};
  const { frequencyIndex = -1, channelConfig = 2 } = aac ?? {};
  return {
    sampleRate: AAC_SAMPLE_RATES[frequencyIndex] ?? timescale,
    channels: CHANNELS_OF_CONFIG[channelConfig] ?? channelConfig,
  };
}
