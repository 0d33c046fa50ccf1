import { join } from 'node:path';
import { formatTime } from '../../time.ts';
import type { MediaWork } from '../ffmpeg/media-work.ts';
import { inputFeed, MediaToolError } from '../ffmpeg/run.ts';
import { reasonOf } from '../media-problem.ts';
import { decodedOutput, decodedSound } from '../sound/decoded-time.ts';
import { FADE_SECONDS } from '../sound/fades.ts';
import { holesIn, LEAST_LOST_TICKS } from '../sound/heard-time.ts';
import type { MediaWarning } from '../warnings.ts';
import type { FileSound } from './file-sound.ts';
import { audioUndecodable } from './undecodable.ts';

/** The moments asked for, half-open. */
export interface AudioSpan {
  startMs: number;
  endMs: number;
}

/**
 * Cuts audio out of a file, to the sample. Its ends are faded, so that none of them clicks.
 * @param output FFmpeg's output options: encoder, container and file
 * @returns where it is silent because the file could not be decoded
 * @throws PermanentError `AUDIO_UNDECODABLE`
 */
export async function cutAudio(
  sound: FileSound,
  { startMs, endMs }: AudioSpan,
  output: readonly string[],
  work: MediaWork,
): Promise<MediaWarning[]> {
  const sampleAt = (ms: number) => Math.round((ms * sound.sampleRate) / 1000);
  const [from, to] = [sampleAt(startMs), sampleAt(endMs)];
  // A clip may end with the last millisecond of a file, which need not be whole.
  const { input, firstSample } = await sound.excerpt(from, Math.min(to, sound.sampleCount));
  const [startSeconds, seconds] = [from - firstSample, to - from].map((n) => n / sound.sampleRate);
  const isFed = 'bytes' in input;
  const list = join(work.folder, 'decoded.txt');
  const filter = [
    `[0:a:0]${isFed ? '' : `${COUNTED},`}${trimmed(startSeconds!, seconds!)},asplit[decoded][cut]`,
    `[cut]${inPlace(seconds!)}[clip]`,
  ].join(';');
  const outputs = ['-map', '[clip]', ...output, '-map', '[decoded]', ...decodedOutput(list)];
  try {
    await work.ffmpeg(
      [
        ...(isFed ? inputFeed(0, input.demuxer) : input.options),
        ...['-filter_complex', filter, ...outputs],
      ],
      isFed ? [input.bytes] : [],
    );
  } catch (error) {
    if (!(error instanceof MediaToolError)) throw error;
    throw audioUndecodable(reasonOf(error), error);
  }
  const { spans } = await decodedSound(list);
  const wanted = { from: 0, to: seconds! * 90_000 };
  return holesIn(wanted, spans, { leastTicks: LEAST_LOST_TICKS }).map((hole) =>
    lost(startMs + hole.from / 90, startMs + hole.to / 90),
  );
}

/** Of the file, in milliseconds. */
const lost = (fromMs: number, toMs: number): MediaWarning => ({
  code: 'AUDIO_LOST',
  message: `The audio file cannot be decoded from ${formatTime(Math.round(fromMs))} to ${formatTime(Math.round(toMs))}: silence stands in. Upload it again if there is a whole copy.`,
  atMs: Math.round(fromMs),
});

/** Samples are where they come, whatever times their container states. */
const COUNTED = 'asetpts=N/SR/TB';

/**
 * The filter that leaves so many seconds. Times are in microseconds, finer than any sample, and not in samples: a
 * decoder may put out twice as many as the file states (HE-AAC).
 */
function trimmed(startSeconds: number, seconds: number): string {
  const [start, end] = [startSeconds, startSeconds + seconds].map((one) => one.toFixed(6));
  return `atrim=start=${start}:end=${end},asetpts=PTS-${start}/TB`;
}

/** The filter that makes just so many seconds of what could be decoded of them. */
function inPlace(seconds: number): string {
  const length = seconds.toFixed(6);
  const fade = Math.min(FADE_SECONDS, seconds / 2);
  return [
    // What could not be decoded becomes silence, and what follows stays where it belongs.
    'aresample=async=1:min_hard_comp=0.01:first_pts=0',
    `apad=whole_dur=${length}`,
    `atrim=end=${length}`,
    `afade=t=in:d=${fade.toFixed(6)}`,
    `afade=t=out:st=${(seconds - fade).toFixed(6)}:d=${fade.toFixed(6)}`,
  ].join(',');
}
