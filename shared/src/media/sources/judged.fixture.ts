import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { hear, judgeClip, locateSound, type Verdict } from '#local/judge/index';
import { seeFrames } from '#local/judge/pictures';
import { frameAtMs, parseFrameRate } from '#local/sample/frame-rate';
import { type Episode, type EpisodeSpec, SAMPLE_RATE } from '#local/sample/index';
import { PermanentError } from '../../errors.ts';
import {
  type CutOptions,
  type EpisodePaths,
  type MadeClip,
  makeClip,
  type Span,
  smallEpisode,
} from '../clip.fixture.ts';
import type { SegmentRequest } from '../collect/open-segment.ts';
import { noteOutcome } from '../conformance/note-outcome.fixture.ts';

/** A sample episode that is encoded in no time, with a chunk every three seconds. */
export const shortEpisode = (spec: EpisodeSpec = {}): Promise<Episode> =>
  smallEpisode({ seconds: 12, gopSeconds: 1.5, chunkSeconds: 3, fps: '30', ...spec });

/** Gives a test file a folder of its own. */
export function useFolder(): { readonly path: string } {
  const folder = { path: '' };
  beforeAll(async () => {
    folder.path = await mkdtemp(join(tmpdir(), 'splicebus-sources-'));
  });
  afterAll(() => rm(folder.path, { recursive: true, force: true }));
  return folder;
}

export type TestEpisode = Episode & EpisodePaths;

/** A clip, and what is wrong with it. */
export interface JudgedClip extends MadeClip {
  verdict: Verdict;
  faults: readonly string[];
}

interface HowToJudge extends CutOptions {
  /** What the clip should hold, where that is not what was asked for. */
  expected?: readonly Span[];
  /** How much later than the picture the sound is in the source itself. */
  sourceOffsetMs?: number;
}

/** No segment may take more processes than this. */
const MOST_PROCESSES = 3;

/** Makes a clip, within the processes that are allowed. */
export async function madeClip(
  episode: EpisodePaths,
  spans: readonly Span[],
  folder: string,
  options: CutOptions = {},
): Promise<MadeClip> {
  const clip = await noted(makeClip(episode, spans, folder, options));
  for (const { work } of clip.cuts) expect(work.processes).toBeLessThanOrEqual(MOST_PROCESSES);
  return clip;
}

/** Notes what became of a clip. */
async function noted(making: Promise<MadeClip>): Promise<MadeClip> {
  try {
    const clip = await making;
    const isWarned = [...clip.cuts.flatMap(warningsOf), ...(clip.warnings ?? [])].length > 0;
    noteOutcome(isWarned ? 'warned' : 'exact');
    return clip;
  } catch (error) {
    if (error instanceof PermanentError) noteOutcome('refused');
    throw error;
  }
}

/** All that a segment is said to lack. */
export const warningsOf = ({ opened, warnings = [] }: MadeClip['cuts'][number]) => [
  ...opened.warnings,
  ...warnings,
];

/** Makes a clip of a sample episode and has it judged by decoding it. */
export async function judgedClip(
  episode: TestEpisode,
  spans: readonly Span[],
  folder: string,
  { expected, sourceOffsetMs, ...options }: HowToJudge = {},
): Promise<JudgedClip> {
  const clip = await madeClip(episode, spans, folder, options);
  const achieved = options.cut === 'copy' ? achievedSpans(clip) : spans;
  const verdict = await judgeClip({
    clipPath: clip.clipFile,
    segments: (expected ?? achieved).map(([startMs, endMs]) => ({ startMs, endMs })),
    fps: episode.fps,
    episodeFrameCount: episode.frameCount,
    hasAudio: episode.audio,
    audio: clip.audio === 'copied' ? 'copy' : 'exact',
    sourceOffsetMs,
  });
  return { ...clip, verdict, faults: verdict.faults };
}

/** The spans of the episode that segments of one stretch each say they hold. */
export function achievedSpans({ cuts }: MadeClip): Span[] {
  return cuts.map(({ stretches: [stretch], opened }) => {
    if (!stretch || !('wanted' in stretch)) throw new Error('The segment holds no media.');
    const { zero } = opened.media[0]!;
    const { firstPts, endPts } = stretch.wanted;
    return [(firstPts - zero) / 90, (endPts - zero) / 90];
  });
}

/** The numbers of the frames due in a span. */
export function framesOf([startMs, endMs]: Span, fps: string): number[] {
  const [first, end] = [startMs, endMs].map((ms) =>
    Math.ceil(frameAtMs(ms - 1.5, parseFrameRate(fps))),
  );
  return Array.from({ length: end! - first! }, (_, n) => first! + n);
}

/** The numbers that a clip's frames bear; none for those without. */
export async function numbersIn(clipFile: string): Promise<(number | undefined)[]> {
  return (await seeFrames('ffmpeg', clipFile)).map(({ number }) => number);
}

const toSamples = (ms: number) => Math.round((ms * SAMPLE_RATE) / 1000);

/**
 * Looks in the sound of a clip.
 * @param clock FFmpeg begins to count the time of an MP3 with what is not heard of it: then, from zero
 */
export async function listenTo(clipFile: string, clock: 'own' | 'zero' = 'own') {
  const heard = await hear('ffmpeg', clipFile, clock);
  if (!heard) throw new Error('There is no sound.');
  const piece = (fromMs: number, lengthMs: number) =>
    heard.samples.slice(toSamples(fromMs), toSamples(fromMs + lengthMs));
  return {
    endMs: heard.endMs,
    /** How late the sound at a time of the clip is for what should be heard at a time of the episode. */
    offsetMs(clipMs: number, episodeMs: number, lengthMs = 250): number | undefined {
      const found = locateSound(piece(clipMs, lengthMs), toSamples(episodeMs));
      return found === undefined ? undefined : (-found * 1000) / SAMPLE_RATE;
    },
    loudest: (fromMs: number, lengthMs: number) =>
      piece(fromMs, lengthMs).reduce((most, value) => Math.max(most, Math.abs(value)), 0),
  };
}

export type Gaps = SegmentRequest['gaps'];
