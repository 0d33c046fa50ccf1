import { BeginClipGeneration } from '#shared/events/begin-clip-generation';
import type { ReplayedExecution } from './executions.ts';

/** What a replay does with an execution. */
export interface Plan {
  would: 'reprocess' | 'finish' | 'reprocess and finish' | 'nothing';
  /** Lines that say it in words. */
  what: string[];
}

/** @param brings whether the replay brings events of a detail-type to who works on them */
export function planReplay(
  execution: ReplayedExecution,
  brings: (detailType: string) => boolean,
): Plan {
  const reprocesses = execution.isOriginal && brings(BeginClipGeneration.detailType);
  const finished = execution.left.filter(({ by }) => by.some(brings));
  const remaining = execution.left.filter((left) => !finished.includes(left));
  const what = [
    ...(reprocesses ? [`a new execution over ${clipsOf(execution)}`] : []),
    ...finished.map((left) => left.what),
    ...remaining.map((left) => `still missing: ${left.what}`),
  ];
  if (!reprocesses) return { would: finished.length > 0 ? 'finish' : 'nothing', what };
  return { would: finished.length > 0 ? 'reprocess and finish' : 'reprocess', what };
}

function clipsOf({ record, tookDetected }: ReplayedExecution): string {
  // Those that it took are `detected` no more.
  if (tookDetected) return 'the clips that are "detected" by then';
  const { totalClips } = record;
  if (totalClips === undefined) return 'the clips of the request';
  return totalClips === 1 ? '1 clip' : `${totalClips} clips`;
}
