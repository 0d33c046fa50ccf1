import type { MediaWork } from '../ffmpeg/media-work.ts';
import { inputFeed, MediaToolError } from '../ffmpeg/run.ts';
import { reasonOf } from '../media-problem.ts';
import { FADE_SECONDS } from '../sound/fades.ts';
import type { FileSound } from './file-sound.ts';
import { audioUndecodable } from './undecodable.ts';

/** The moments asked for, half-open. */
export interface AudioSpan {
  startMs: number;
  endMs: number;
}

/**
 * Cuts sound out of a file, to the sample. Its ends are faded, so that none of them clicks.
 * @param output FFmpeg's output options: encoder, container and file
 * @throws PermanentError `AUDIO_UNDECODABLE`
 */
export async function cutAudio(
  sound: FileSound,
  { startMs, endMs }: AudioSpan,
  output: readonly string[],
  work: MediaWork,
): Promise<void> {
  const sampleAt = (ms: number) => Math.round((ms * sound.sampleRate) / 1000);
  const [from, to] = [sampleAt(startMs), sampleAt(endMs)];
  // A clip may end with the last millisecond of a file, which need not be whole.
  const { input, firstSample } = await sound.excerpt(from, Math.min(to, sound.sampleCount));
  const filter = exactly((from - firstSample) / sound.sampleRate, (to - from) / sound.sampleRate);
  try {
    if ('bytes' in input) {
      const options = [...inputFeed(0, input.demuxer), '-map', '0:a:0', '-af', filter];
      await work.ffmpeg([...options, ...output], [input.bytes]);
    } else {
      await work.ffmpeg([
        ...input.options,
        '-map',
        '0:a:0',
        '-af',
        `${COUNTED},${filter}`,
        ...output,
      ]);
    }
  } catch (error) {
    if (!(error instanceof MediaToolError)) throw error;
    throw audioUndecodable(reasonOf(error), error);
  }
}

/** Samples are where they come, whatever times their container states. */
const COUNTED = 'asetpts=N/SR/TB';

/**
 * The filter for so many seconds of sound. Times are told in microseconds, finer than any sample, and not in
 * samples: a decoder may put out twice as many as the file states (HE-AAC).
 */
function exactly(startSeconds: number, seconds: number): string {
  const [start, length] = [startSeconds.toFixed(6), seconds.toFixed(6)];
  const fade = Math.min(FADE_SECONDS, seconds / 2);
  return [
    `atrim=start=${start}:end=${(startSeconds + seconds).toFixed(6)}`,
    `asetpts=PTS-${start}/TB`,
    // What could not be decoded becomes silence, and what follows stays where it belongs.
    'aresample=async=1:min_hard_comp=0.01:first_pts=0',
    `apad=whole_dur=${length}`,
    `atrim=end=${length}`,
    `afade=t=in:d=${fade.toFixed(6)}`,
    `afade=t=out:st=${(seconds - fade).toFixed(6)}:d=${fade.toFixed(6)}`,
  ].join(',');
}
