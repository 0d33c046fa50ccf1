import { readFileSync, writeFileSync } from 'node:fs';

/** Linux counts CPU time in ticks of this length for everybody (`USER_HZ`, proc(5)). */
const TICK_MS = 10;

/** One process as the kernel accounts for it. */
export interface ProcessFigures {
  pid: number;
  isMediaTool: boolean;
  /** CPU time of its own, user and system. */
  ownCpuMs: number;
  /** CPU time of its children that have ended and been waited for, with theirs. */
  reapedCpuMs: number;
  /** The most memory that was resident since the start, or since {@link resetPeaks}. */
  peakBytes: number;
}

/** A process and all that it has started, as they are now. Whatever ends meanwhile is left out. */
export function readTree(rootPid: number): ProcessFigures[] {
  try {
    const { children, ...figures } = readProcess(rootPid);
    return [figures, ...children.flatMap(readTree)];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return [];
    throw error;
  }
}

function readProcess(pid: number): ProcessFigures & { children: number[] } {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  // Node starts processes from its main thread only, whose id is that of the process.
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1');
  return {
    pid,
    isMediaTool: /^Name:\s+ff(mpeg|probe)$/m.test(status),
    ...parseCpuTimes(readFileSync(`/proc/${pid}/stat`, 'latin1')),
    peakBytes: 1024 * Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0),
    children: children.split(' ').filter(Boolean).map(Number),
  };
}

/** The CPU times in `/proc/<pid>/stat`: `pid (name) state …`, where the name may hold anything. */
export function parseCpuTimes(stat: string): { ownCpuMs: number; reapedCpuMs: number } {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // utime, stime, cutime and cstime are the fields 14 to 17 of proc(5); these begin with the third.
  const [user, system, childUser, childSystem] = fields.slice(11, 15).map(Number);
  return {
    ownCpuMs: (user! + system!) * TICK_MS,
    reapedCpuMs: (childUser! + childSystem!) * TICK_MS,
  };
}

/** Makes peaks begin anew: what a process held before is not part of what is measured now. */
export function resetPeaks(tree: readonly ProcessFigures[]): void {
  for (const { pid } of tree) writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

/**
 * CPU time between two looks at a tree at rest. What has ended in between is in the account of its parent.
 * @param launcherPid a process whose own time is not to count
 */
export function cpuMsBetween(
  before: readonly ProcessFigures[],
  after: readonly ProcessFigures[],
  launcherPid?: number,
): number {
  const total = (tree: readonly ProcessFigures[]) =>
    tree.reduce(
      (sum, { pid, ownCpuMs, reapedCpuMs }) =>
        sum + reapedCpuMs + (pid === launcherPid ? 0 : ownCpuMs),
      0,
    );
  return total(after) - total(before);
}

/** Memory of the processes alive at one moment: each with its own peak, so rather too much than too little. */
export function memoryOf(
  tree: readonly ProcessFigures[],
  launcherPid?: number,
): { nodeBytes: number; allBytes: number } {
  const counted = tree.filter(({ pid }) => pid !== launcherPid);
  const sum = (some: readonly ProcessFigures[]) =>
    some.reduce((bytes, { peakBytes }) => bytes + peakBytes, 0);
  return { nodeBytes: sum(counted.filter((one) => !one.isMediaTool)), allBytes: sum(counted) };
}
