import type { Spent } from '../measure/measured-worker.ts';
import { median } from '../measure/statistics.ts';
import type { Machine } from '../report/machine.ts';
import type { CutCase } from './cases.ts';
import type { CutOutcome, MethodName } from './cut-task.ts';
import type { ClipErrors } from './look-at-clip.ts';

/** One run of a method. */
export type CutRun = Spent & Omit<CutOutcome, 'clipPath'>;

/** A method in a case: medians of its runs, and what its clip is like. */
export interface CutRow extends CutRun {
  method: MethodName;
  runs: number;
  errors: ClipErrors;
}

export interface CaseResult {
  case: CutCase;
  rows: CutRow[];
}

/** What `bench/results/cut.json` holds. */
export interface CutResults {
  machine: Machine;
  /** The short one. */
  episode: { width: number; height: number; seconds: number; megabitsPerSecond: number };
  longEpisodeSeconds: number;
  cases: CaseResult[];
}

/** Each figure is the median of its own: those of one row need not be of one run. */
export function mediansOf(runs: readonly CutRun[]): CutRun {
  const of = (figure: (run: CutRun) => number) => Math.round(median(runs.map(figure)));
  const ifTold = (name: 'chunkBytes' | 'segmentProcesses' | 'totalProcessingMs') => {
    const told = runs.flatMap((run) => run[name] ?? []);
    return told.length > 0 ? { [name]: Math.round(median(told)) } : {};
  };
  return {
    wallMs: of((run) => run.wallMs),
    cpuMs: of((run) => run.cpuMs),
    nodePeakBytes: of((run) => run.nodePeakBytes),
    allPeakBytes: of((run) => run.allPeakBytes),
    bytesRead: of((run) => run.bytesRead),
    framesEncoded: of((run) => run.framesEncoded),
    ...ifTold('chunkBytes'),
    ...ifTold('segmentProcesses'),
    ...ifTold('totalProcessingMs'),
  };
}
