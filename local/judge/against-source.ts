import { access } from 'node:fs/promises';
import { SAMPLE_RATE } from '../sample/voice.ts';
import { judgeFile } from './file.ts';
import { type FrameRange, judgePictures, judgeSegments, type Segment } from './frames.ts';
import { type Heard, hear, stretch } from './heard.ts';
import { locateSound } from './locate.ts';
import { rms } from './loudness.ts';
import { type PlacedFrame, placeFrames } from './place-frames.ts';
import { recognise } from './recognise.ts';
import { seeThumbnails, type Thumbnail } from './thumbnails.ts';
import {
  type FileVerdict,
  fileFaults,
  type PictureVerdict,
  pictureFaults,
  type SegmentVerdict,
  TOLERANCES,
} from './verdict.ts';

/** A clip of a source that nobody marked. */
export interface AgainstSourceOptions {
  readonly clipPath: string;
  /** All of the source in one file: chunks can be joined byte by byte, behind their init section. */
  readonly sourcePath: string;
  /** The pieces that the clip should hold; time 0 is the source's first picture. */
  readonly segments: readonly Segment[];
  readonly audio?: 'exact' | 'copy';
  /** Default: `ffmpeg` and `ffprobe` from the PATH. */
  readonly ffmpegPath?: string;
  readonly ffprobePath?: string;
}

/** What is really in such a clip. Frames are counted from 0 in the order the source shows them. */
export interface SourceVerdict {
  readonly segments: readonly SegmentVerdict[];
  readonly picture: PictureVerdict;
  /** Frames that look like their neighbour in the source: of them it cannot be told which one came. */
  readonly undecided: number;
  /** How much later than in the source the sound is; `undefined` where it could not be found. */
  readonly soundOffsetsMs: readonly (number | undefined)[];
  readonly file: FileVerdict;
  /** All that is wrong, in words. */
  readonly faults: readonly string[];
}

/** Callers round times to milliseconds. */
const ROUNDING_MS = 1.5;
/** Sound is compared over at most so much in the middle of a segment, if there is so much. */
const LONGEST_PIECE_MS = 1000;
const SHORTEST_PIECE_MS = 200;
/** Quieter sound is not looked for. */
const AUDIBLE_RMS = 0.003;
const SEARCH_MS = 100;

/**
 * Decodes a clip and its source and compares every frame, and the sound of every segment.
 * @throws Error when a file is not there or the tools cannot be started
 */
export async function judgeAgainstSource(options: AgainstSourceOptions): Promise<SourceVerdict> {
  const { clipPath, sourcePath, audio = 'exact' } = options;
  const { ffmpegPath = 'ffmpeg', ffprobePath = 'ffprobe' } = options;
  await Promise.all([access(clipPath), access(sourcePath)]);
  const source = await seeThumbnails(ffmpegPath, sourcePath);
  const ranges = options.segments.map((segment) => rangeOf(segment, source));
  const clip = await seeThumbnails(ffmpegPath, clipPath);
  const { frames, undecided } = recognise(clip, source, ranges);

  const durationMs = frameDurations(source);
  const rate = { numerator: source.length * 1000, denominator: total(source, durationMs) };
  const placed = placeFrames(frames, ranges, rate);
  const sounds = [await hear(ffmpegPath, clipPath), await hear(ffmpegPath, sourcePath, 'zero')];
  const wantedMs = ranges.reduce((sum, { first, last }) => {
    const frames = source.slice(first, last + 1);
    return sum + frames.reduce((part, _, n) => part + durationMs(first + n), 0);
  }, 0);
  const verdict = {
    segments: judgeSegments(placed, ranges),
    picture: judgePictures(frames, placed, ranges, durationMs),
    undecided,
    soundOffsetsMs: ranges.map((_, n) => soundOffsetMs(n, placed, source, sounds)),
    file: await judgeFile({ ffmpegPath, ffprobePath }, clipPath, wantedMs),
  };
  return { ...verdict, faults: faultsOf(verdict, sounds, audio) };
}

function rangeOf({ startMs, endMs }: Segment, source: readonly Thumbnail[]): FrameRange {
  const zeroMs = source[0]?.timeMs ?? 0;
  const due = (timeMs: number) => {
    const frame = source.findIndex((each) => each.timeMs - zeroMs >= timeMs - ROUNDING_MS);
    return frame === -1 ? source.length : frame;
  };
  return { first: due(startMs), last: due(endMs) - 1 };
}

/** How long a frame of the source is shown; nothing says it of the last, or of one that is unknown. */
function frameDurations(source: readonly Thumbnail[]): (number?: number) => number {
  const durations = source.slice(1).map(({ timeMs }, n) => timeMs - source[n]!.timeMs);
  const usual = [...durations].sort((a, b) => a - b)[durations.length >> 1] ?? 40;
  return (number) => durations[number ?? -1] ?? usual;
}

const total = (source: readonly Thumbnail[], durationMs: (number: number) => number) =>
  source.reduce((sum, _, number) => sum + durationMs(number), 0);

/** Looks in the source for what is heard in the middle of a segment. */
function soundOffsetMs(
  segment: number,
  placed: readonly PlacedFrame[],
  source: readonly Thumbnail[],
  [clipSound, sourceSound]: readonly (Heard | undefined)[],
): number | undefined {
  const frames = placed.filter((frame) => frame.segment === segment);
  const [first, last] = [frames[0], frames.at(-1)];
  if (!first || !last || !clipSound || !sourceSound) return undefined;
  const pieceMs = Math.min(LONGEST_PIECE_MS, (last.timeMs - first.timeMs) / 2);
  if (pieceMs < SHORTEST_PIECE_MS) return undefined;
  const fromMs = (first.timeMs + last.timeMs - pieceMs) / 2;
  const piece = stretch(clipSound, toSamples(fromMs), toSamples(pieceMs));
  if (rms(piece) < AUDIBLE_RMS) return undefined;
  const expected = toSamples(fromMs - first.timeMs + source[first.number]!.timeMs);
  const located = locateSound(piece, expected, toSamples(SEARCH_MS), (from, length) =>
    stretch(sourceSound, from, length),
  );
  return located === undefined ? undefined : (0 - located * 1000) / SAMPLE_RATE;
}

function faultsOf(
  { segments, picture, soundOffsetsMs, file }: Omit<SourceVerdict, 'faults' | 'undecided'>,
  [clipSound, sourceSound]: readonly (Heard | undefined)[],
  audio: 'exact' | 'copy',
): string[] {
  const faults = [...pictureFaults(segments, picture), ...fileFaults(file)];
  if (!clipSound && sourceSound) faults.push('there is no sound');
  soundOffsetsMs.forEach((offsetMs = 0, n) => {
    if (Math.abs(offsetMs) <= TOLERANCES.avOffsetMs[audio]) return;
    faults.push(`the sound of segment ${n} is ${offsetMs.toFixed(1)} ms late`);
  });
  return faults;
}

function toSamples(timeMs: number): number {
  return Math.round((timeMs * SAMPLE_RATE) / 1000);
}
