import { METHOD_NAMES, type MethodName, type Span } from './cut-task.ts';

/** A clip that is made by several methods. */
export interface CutCase {
  name: string;
  /** Of the whole clip. */
  seconds: number;
  /** All of one length. */
  segments: number;
  /** What it is cut from: the short episode, or that of many hours. */
  episode: 'short' | 'long';
}

export const ALL_LENGTHS = [5, 30, 180, 600] as const;
export const ALL_SEGMENTS = [1, 5, 20] as const;

/** Of the short episode: 10 minutes and what lies between segments. */
export const EPISODE_SECONDS = 660;
/** At least, of the long one. */
export const LONG_HOURS = 6;

/** The clip that is cut from both episodes. */
const FROM_BOTH = { seconds: 30, segments: 1 };
/** Nobody asks for segments of less. */
const SHORTEST_SEGMENT_SECONDS = 1;
/** Clips of this length are made once, and only one of them by encoding all of it. */
const LONG_CLIP_SECONDS = 600;

/** @returns groups of clips; those of one group are made in turns, as they are to be compared */
export function planCases(lengths: readonly number[], counts: readonly number[]): CutCase[][] {
  return counts.flatMap((segments) =>
    lengths
      .filter((seconds) => seconds / segments >= SHORTEST_SEGMENT_SECONDS)
      .map((seconds): CutCase[] => {
        const one = `${seconds} s`;
        const name = segments === 1 ? one : `${one} in ${segments} segments`;
        const short: CutCase = { name, seconds, segments, episode: 'short' };
        if (seconds !== FROM_BOTH.seconds || segments !== FROM_BOTH.segments) return [short];
        return [short, { ...short, name: `${one} of ${LONG_HOURS} h`, episode: 'long' }];
      }),
  );
}

/** Encoding takes as long for a clip of many segments as for one: of the longest, it is done once. */
export const methodsOf = ({ seconds, segments }: CutCase): readonly MethodName[] =>
  seconds >= LONG_CLIP_SECONDS && segments > 1
    ? METHOD_NAMES.filter((method) => method !== 'ffmpegEncode')
    : METHOD_NAMES;

/** @param runs how often a clip is to be made, where that does not take long */
export function runsOf({ seconds, segments }: CutCase, runs: number): number {
  if (seconds >= LONG_CLIP_SECONDS) return 1;
  // Two that should not differ are compared: it takes more runs to tell.
  const isComparedClosely = seconds === FROM_BOTH.seconds && segments === FROM_BOTH.segments;
  return isComparedClosely ? 2 * runs : runs;
}

/** Between two key frames, and 9 frames from the nearest: of a second GOP, there are 51 to encode. */
const FIRST_START_MS = 7_700;

/** Where the segments lie: evenly over the episode, and none of them begins or ends on a key frame. */
export function spansOf({ seconds, segments }: CutCase): Span[] {
  // Whole seconds apart, and an odd number of them: cuts come before and behind the middle of a GOP.
  const room = Math.floor((EPISODE_SECONDS * 1000 - FIRST_START_MS) / segments / 1000);
  const stepMs = (room % 2 === 1 ? room : room - 1) * 1000;
  return Array.from({ length: segments }, (_, n) => {
    const startMs = FIRST_START_MS + n * stepMs;
    return [startMs, startMs + (seconds * 1000) / segments];
  });
}
