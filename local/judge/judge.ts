import { access } from 'node:fs/promises';
import { frameTimeMs, parseFrameRate } from '../sample/frame-rate.ts';
import { judgeFile } from './file.ts';
import { framesIn, frameTotal, judgePictures, judgeSegments, type Segment } from './frames.ts';
import { hear } from './heard.ts';
import { seeFrames } from './pictures.ts';
import { placeFrames } from './place-frames.ts';
import { judgeSound } from './sound.ts';
import { type Findings, faultsOf, isExact, type Verdict } from './verdict.ts';

/** A clip, and what it should be. */
export interface JudgeOptions {
  readonly clipPath: string;
  /** The pieces of the sample episode that the clip should hold, in this order. */
  readonly segments: readonly Segment[];
  /** The episode's frame rate as a fraction: `'30'`, `'30000/1001'`. */
  readonly fps: string;
  readonly episodeFrameCount: number;
  /** Whether the clip should have sound. */
  readonly hasAudio: boolean;
  /** How the sound was made: encoded once, exact to the sample (default), or copied in AAC's frames. */
  readonly audio?: 'exact' | 'copy';
  /** How much later than the picture the sound is in the source itself. Default 0. */
  readonly sourceOffsetMs?: number;
  /** Default: `ffmpeg` and `ffprobe` from the PATH. */
  readonly ffmpegPath?: string;
  readonly ffprobePath?: string;
}

/**
 * Decodes a clip of the sample episode and tells what is really in it. The frames bear their
 * numbers and the sound is known by formula, so neither the episode nor the cutter is asked.
 * A broken clip gives a bad verdict, not an error.
 * @throws Error when there is no file at `clipPath` or the tools cannot be started
 */
export async function judgeClip(options: JudgeOptions): Promise<Verdict> {
  const { clipPath, segments, hasAudio, audio = 'exact', sourceOffsetMs = 0 } = options;
  const { ffmpegPath = 'ffmpeg', ffprobePath = 'ffprobe' } = options;
  await access(clipPath);
  const rate = parseFrameRate(options.fps);
  const ranges = segments.map((segment) => framesIn(segment, rate, options.episodeFrameCount));

  const frames = await seeFrames(ffmpegPath, clipPath);
  const placed = placeFrames(frames, ranges, rate);
  const heard = await hear(ffmpegPath, clipPath);
  const wantedMs = frameTimeMs(frameTotal(ranges), rate);
  const findings: Findings = {
    segments: judgeSegments(placed, ranges),
    picture: judgePictures(frames, placed, ranges, () => frameTimeMs(1, rate)),
    sound:
      heard &&
      judgeSound(heard, placed, ranges, rate, {
        audio,
        episodeFrameCount: options.episodeFrameCount,
      }),
    file: await judgeFile({ ffmpegPath, ffprobePath }, clipPath, wantedMs),
  };
  return {
    ...findings,
    exact: isExact(findings),
    faults: faultsOf(findings, { hasAudio, audio, sourceOffsetMs }),
  };
}
