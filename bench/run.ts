import Table from 'cli-table3';
import { benchApi } from './api/bench-api.ts';
import { benchCut } from './cut/bench-cut.ts';
import type { CaseResult } from './cut/cut-results.ts';
import { benchMemory } from './memory/bench-memory.ts';
import { type CutOptions, isComplete, parseBenchOptions, USAGE } from './options.ts';
import { COLUMNS, figuresOf } from './report/cut-figures.ts';
import { keep, writePage } from './report/kept-results.ts';
import { describeMachine } from './report/machine.ts';
import { apiPart, memoryPart } from './report/page.ts';
import { apiTargets, cutTargets, memoryTargets, type Target } from './report/targets.ts';

// npm run bench -- cut | memory | api | page: see USAGE

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const options = parseBenchOptions(args);
  if ('problem' in options) {
    console.error(`${options.problem}\n\n${USAGE}`);
    return 2;
  }
  if (options.what === 'help') {
    console.log(USAGE);
  } else if (options.what === 'page') {
    await writePage();
  } else if (process.platform !== 'linux') {
    console.error('CPU time and memory are read from /proc: the bench runs on Linux only.');
    return 1;
  } else if (options.what === 'memory') {
    await runMemory();
  } else if (options.what === 'api') {
    await runApi();
  } else if (options.what === 'cut') {
    await runCut(options);
  }
  return 0;
}

async function runCut(options: CutOptions): Promise<void> {
  const results = await benchCut(options, printCase);
  console.log(`\n${describeMachine(results.machine)}`);
  printTargets(cutTargets(results));
  if (isComplete(options)) await keep('cut', results);
  else console.log('Not all clips were made: the results are not kept.');
}

async function runMemory(): Promise<void> {
  const results = await benchMemory();
  console.log(memoryPart(results));
  printTargets(memoryTargets(results));
  await keep('memory', results);
}

async function runApi(): Promise<void> {
  const results = await benchApi();
  console.log(apiPart(results));
  printTargets(apiTargets(results));
  await keep('api', results);
}

function printCase(result: CaseResult): void {
  print([result.case.name, ...COLUMNS.slice(1)], figuresOf(result));
}

/** Those that were measured. */
function printTargets(targets: readonly Target[]): void {
  const rows = targets.flatMap(({ what, measured, isReached }) =>
    measured === undefined ? [] : [[what, measured, isReached ? 'yes' : 'NO']],
  );
  print(['target', 'measured', 'reached'], rows);
}

function print(head: string[], rows: string[][]): void {
  const table = new Table({ head, style: { head: [], border: [], compact: true } });
  table.push(...rows);
  console.log(`\n${table.toString()}`);
}
