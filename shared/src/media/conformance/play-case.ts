import type { TestContext } from 'vitest';
import { findChromium, HOW_TO_INSTALL, playsThrough } from '#local/playback/index';
import { frameTimeMs, parseFrameRate } from '#local/sample/frame-rate';
import type { Episode } from '#local/sample/index';
import type { ConformanceCase } from './plan-cases.ts';
import { withClip } from './run-case.ts';

/**
 * The test that a clip plays in Chromium, with the right frames at its joins. Without a Chromium it is
 * skipped, but not in CI: there it fails.
 */
export async function playCase(
  { skip, expect }: TestContext,
  episode: Episode,
  asked: ConformanceCase,
): Promise<void> {
  const chromiumPath = await findChromium();
  skip(!chromiumPath && !process.env.CI, HOW_TO_INSTALL);
  const { fps } = episode;
  const { faults, joins } = await withClip(episode, asked, ({ clipFile }) =>
    playsThrough(clipFile, joinsSecondsOf(asked, fps), { fps, chromiumPath }),
  );
  expect(faults, asked.name).toEqual([]);
  expect(
    joins.map(({ before, after }) => [before.number, after.number]),
    asked.name,
  ).toEqual(asked.segments.slice(1).map(([first], n) => [asked.segments[n]![1] - 1, first]));
}

function joinsSecondsOf({ segments }: ConformanceCase, fps: string): number[] {
  const rate = parseFrameRate(fps);
  let frames = 0;
  return segments.slice(0, -1).map(([first, end]) => {
    frames += end - first;
    return frameTimeMs(frames, rate) / 1000;
  });
}
