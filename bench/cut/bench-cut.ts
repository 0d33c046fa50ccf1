import { benchEpisode, bytesOf } from '../episodes/bench-episode.ts';
import { longEpisode } from '../episodes/long-episode.ts';
import type { CutOptions } from '../options.ts';
import { thisMachine } from '../report/machine.ts';
import { CaseRuns, startPipeline } from './case-runs.ts';
import { EPISODE_SECONDS, LONG_HOURS, planCases, runsOf } from './cases.ts';
import type { CaseResult, CutResults } from './cut-results.ts';

/**
 * Has every method make every clip, all in one run on one machine, and looks at what came out.
 * @param onCase is told of every case as soon as it is through
 */
export async function benchCut(
  { lengths, segments, runs }: CutOptions,
  onCase: (result: CaseResult) => void,
): Promise<CutResults> {
  const groups = planCases(lengths, segments);
  const short = await benchEpisode(EPISODE_SECONDS);
  const isLong = groups.flat().some(({ episode }) => episode === 'long');
  const episodes = { short, long: isLong ? await longEpisode(short, LONG_HOURS) : short };
  console.log('Starting the embedded stack and uploading the episodes …');
  const pipeline = await startPipeline(new Set(Object.values(episodes)));
  try {
    const results: CaseResult[] = [];
    for (const group of groups) {
      const cases = group.map((one) => new CaseRuns(one, episodes[one.episode], pipeline));
      const rounds = Math.max(...group.map((one) => runsOf(one, runs)));
      for (let n = 0; n < rounds; n++) {
        for (const one of cases) await one.round(n, runs);
      }
      for (const { result } of cases) {
        results.push(result);
        onCase(result);
      }
    }
    const megabitsPerSecond = Math.round((await bytesOf(short)) / short.seconds / 12_500) / 10;
    return {
      machine: await thisMachine(),
      episode: { width: 1920, height: 1080, seconds: short.seconds, megabitsPerSecond },
      longEpisodeSeconds: episodes.long.seconds,
      cases: results,
    };
  } finally {
    await pipeline.stop();
  }
}
