import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { judgeClip } from '#local/judge/index';
import { frameAtMs, frameTimeMs, parseFrameRate } from '#local/sample/frame-rate';
import { type Episode, keyFramesOf } from '#local/sample/index';
import { type CutOptions, type MadeClip, makeClip, type Span } from '../clip.fixture.ts';
import type { ConformanceCase, EpisodeShape } from './plan-cases.ts';

/** What became of a case. */
export interface CaseResult {
  readonly name: string;
  /** All that is wrong, in words; empty for a flawless clip. */
  readonly faults: readonly string[];
  /** How each segment was made; empty when no clip was. */
  readonly cuts: MadeClip['cuts'];
}

/** Where an episode of the sample has its key frames and chunks. */
export async function shapeOf(episode: Episode): Promise<EpisodeShape> {
  const rate = parseFrameRate(episode.fps);
  const playlist = await readFile(episode.playlistPath, 'utf8');
  const seconds = [...playlist.matchAll(/#EXTINF:([\d.]+)/g)].map(([, text]) => Number(text));
  let endSeconds = 0;
  const chunkEnds = seconds.map((each) => {
    endSeconds += each;
    return Math.round(frameAtMs(endSeconds * 1000, rate));
  });
  return {
    frameCount: episode.frameCount,
    framesPerSecond: rate.numerator / rate.denominator,
    keyFrames: keyFramesOf(episode, rate),
    chunkStarts: [0, ...chunkEnds.slice(0, -1)],
  };
}

/** The times that ask for the segments of a case, rounded to milliseconds as callers do. */
function spansOf({ segments }: ConformanceCase, fps: string): Span[] {
  const ms = (frame: number) => Math.round(frameTimeMs(frame, parseFrameRate(fps)));
  return segments.map(([first, end]) => [ms(first), ms(end)]);
}

/** Makes the clip of a case, which is gone after its use. */
export async function withClip<Use>(
  episode: Episode,
  asked: ConformanceCase,
  use: (clip: MadeClip) => Promise<Use>,
  options: CutOptions = {},
): Promise<Use> {
  const folder = await mkdtemp(join(tmpdir(), 'splicebus-conformance-'));
  try {
    return await use(await makeClip(episode, spansOf(asked, episode.fps), folder, options));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Makes the clip of a case and has it judged: every frame, the sound, the file. */
export async function runCase(
  episode: Episode,
  asked: ConformanceCase,
  options: Pick<CutOptions, 'audio'> = {},
): Promise<CaseResult> {
  const judge = async ({ clipFile, cuts, method, reason }: MadeClip) => {
    const verdict = await judgeClip({
      clipPath: clipFile,
      segments: spansOf(asked, episode.fps).map(([startMs, endMs]) => ({ startMs, endMs })),
      fps: episode.fps,
      episodeFrameCount: episode.frameCount,
      hasAudio: episode.audio,
      audio: options.audio,
    });
    const joinFaults = method === 'copied' ? [] : [`the join had to encode again: ${reason}`];
    return { name: asked.name, faults: [...verdict.faults, ...joinFaults], cuts };
  };
  try {
    return await withClip(episode, asked, judge, options);
  } catch (error) {
    return { name: asked.name, faults: [String(error)], cuts: [] };
  }
}
