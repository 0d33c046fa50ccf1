import { afterAll, describe, it } from 'vitest';
import { smallEpisode } from '../clip.fixture.ts';
import { MATRIX, nameOf, RATES } from './matrix.ts';
import { planCase, planCases } from './plan-cases.ts';
import { playCase } from './play-case.ts';
import { type EpisodeResults, resultTable } from './result-table.ts';
import { type CaseResult, runCase, shapeOf } from './run-case.ts';

const SECONDS = 40;
/** Another one gives other cuts: `CONFORMANCE_SEED=2 npm run test:media`. */
const SEED = Number(process.env.CONFORMANCE_SEED ?? 1);

const all: EpisodeResults[] = [];
afterAll(() => process.stdout.write(`${resultTable(all)}\n`));

describe.concurrent('clips are what was asked for', () => {
  MATRIX.forEach((spec, n) => {
    it(nameOf(spec), async ({ expect }) => {
      const episode = await smallEpisode({ ...spec, seconds: SECONDS });
      const cases = planCases(await shapeOf(episode), seedOf(n));
      const results: CaseResult[] = [];
      all.push({ spec, results });
      for (const asked of cases) results.push(await runCase(episode, asked));
      for (const asked of cases.filter(({ segments }) => segments.length === 5)) {
        const named = { ...asked, name: `${asked.name}, sound copied` };
        results.push(await runCase(episode, named, { audio: 'copy' }));
      }
      const faulty = results.filter(({ faults }) => faults.length > 0);
      expect(faulty.map(({ name, faults }) => `${name}: ${faults.join('; ')}`)).toEqual([]);
    });
  });
});

describe.concurrent('clips play in Chromium', () => {
  MATRIX.forEach((spec, n) => {
    // One frame rate in each family, another one each time.
    if (n % RATES.length !== Math.floor(n / RATES.length) % RATES.length) return;
    it(nameOf(spec), async (context) => {
      const episode = await smallEpisode({ ...spec, seconds: SECONDS });
      await playCase(context, episode, planCase(await shapeOf(episode), 5, 0, seedOf(n)));
    });
  });
});

const seedOf = (n: number) => SEED * MATRIX.length + n;
