import { parseArgs } from 'node:util';
import { ALL_LENGTHS, ALL_SEGMENTS } from './cut/cases.ts';

const DEFAULT_RUNS = 3;

export const USAGE = `npm run bench -- cut [options]
    Makes the same clips in five ways and compares them: half an hour at most on two cores, and ten minutes
    more the first time, when an episode is made.
    --seconds ${ALL_LENGTHS}   lengths of the clips
    --segments ${ALL_SEGMENTS}        how many segments they are made of
    --runs ${DEFAULT_RUNS}                 how often each is made; what takes long is made once
    Results are kept only of a run of all lengths and numbers of segments.
npm run bench -- memory
    Cuts an hour out of an episode of more than 4 GB, and looks at memory and disk: some minutes, and 25 GB
    of the folder for temporary files.
npm run bench -- api
    Calls the HTTP API with 50 clients at once, and cuts audio clips out of files of three hours, near their
    begin and near their end: some minutes.
npm run bench -- page
    Writes docs/benchmarks.md and its plot again, from the results that are kept in bench/results.`;

export interface CutOptions {
  what: 'cut';
  lengths: readonly number[];
  segments: readonly number[];
  runs: number;
}

/** What is measured, or done, without options. */
const PLAIN = ['memory', 'api', 'page'] as const;

export type BenchOptions = CutOptions | { what: (typeof PLAIN)[number] } | { what: 'help' };

/** @returns the options, or what is wrong with them */
export function parseBenchOptions(args: readonly string[]): BenchOptions | { problem: string } {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h' },
        seconds: { type: 'string' },
        segments: { type: 'string' },
        runs: { type: 'string' },
      },
    });
    if (values.help) return { what: 'help' };
    const [what, ...more] = positionals;
    if (more.length > 0) return { problem: `One thing at a time: ${what} or ${more[0]}.` };
    const plain = PLAIN.find((one) => one === what);
    if (plain) {
      const isPlain = Object.keys(values).length === 0;
      return isPlain ? { what: plain } : { problem: `${plain} takes no options.` };
    }
    if (what !== 'cut') return { problem: 'Say what to measure: cut, memory or api.' };
    const runs = Number(values.runs ?? DEFAULT_RUNS);
    if (!Number.isInteger(runs) || runs < 1) return { problem: '--runs must be a whole number.' };
    return {
      what,
      lengths: chosen('seconds', values.seconds, ALL_LENGTHS),
      segments: chosen('segments', values.segments, ALL_SEGMENTS),
      runs,
    };
  } catch (error) {
    return { problem: (error as Error).message };
  }
}

/** Whether nothing is left out: only then do results say all that the documentation tells. */
export const isComplete = ({ lengths, segments }: CutOptions): boolean =>
  lengths.length === ALL_LENGTHS.length && segments.length === ALL_SEGMENTS.length;

/** @throws Error where a number is not one of those there are */
function chosen(name: string, list: string | undefined, all: readonly number[]): number[] {
  const numbers = new Set(list?.split(',').map(Number) ?? all);
  for (const number of numbers) {
    if (!all.includes(number)) throw new Error(`--${name} takes some of ${all.join(', ')}.`);
  }
  return all.filter((number) => numbers.has(number));
}
