import { basename } from 'node:path';
import Table from 'cli-table3';
import type { Reporter, TestModule } from 'vitest/node';
import type { Outcome } from './note-outcome.fixture.ts';

// The table at the end of `npm run test:media`: what became of every kind of source.

const HEAD = ['kind of source', 'cases', 'exact', 'warned', 'refused', 'wrong'];

interface Counts {
  cases: number;
  outcomes: Record<Outcome, number>;
  wrong: number;
}

/** A file of tests is a kind of source. Each clip is a case; where a test fails, one of its cases is wrong. */
export default class KindReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const kinds = modules.map((module) => ({ kind: kindOf(module), counts: countsOf(module) }));
    kinds.sort((a, b) => a.kind.localeCompare(b.kind));
    const table = new Table({ head: HEAD, style: { head: [], border: [] } });
    for (const { kind, counts } of kinds) table.push([kind, ...figures(counts)]);
    table.push(['all', ...figures(sumOf(kinds.map(({ counts }) => counts)))]);
    process.stdout.write(`\n${table}\n`);
  }
}

const kindOf = ({ moduleId }: TestModule): string =>
  basename(moduleId)
    .replace(/(\.full)?\.test\.ts$/, '')
    .replaceAll('-', ' ');

function countsOf(module: TestModule): Counts {
  const counts: Counts = { cases: 0, outcomes: { exact: 0, warned: 0, refused: 0 }, wrong: 0 };
  for (const test of module.children.allTests()) {
    const { state } = test.result();
    if (state === 'skipped') continue;
    const { outcomes = ['exact'] } = test.meta();
    counts.cases += outcomes.length;
    for (const outcome of outcomes) counts.outcomes[outcome]++;
    if (state !== 'failed') continue;
    counts.wrong++;
    counts.outcomes[outcomes.at(-1)!]--;
  }
  return counts;
}

const figures = ({ cases, outcomes, wrong }: Counts) => [
  cases,
  outcomes.exact,
  outcomes.warned,
  outcomes.refused,
  wrong,
];

const sumOf = (all: readonly Counts[]): Counts =>
  all.reduce(
    (sum, { cases, outcomes, wrong }) => ({
      cases: sum.cases + cases,
      outcomes: {
        exact: sum.outcomes.exact + outcomes.exact,
        warned: sum.outcomes.warned + outcomes.warned,
        refused: sum.outcomes.refused + outcomes.refused,
      },
      wrong: sum.wrong + wrong,
    }),
    { cases: 0, outcomes: { exact: 0, warned: 0, refused: 0 }, wrong: 0 },
  );
