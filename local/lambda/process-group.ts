import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const SAMPLE_INTERVAL_MS = 200;

/** Kills a process and all it has started, unless they left its group. Idempotent. */
export function killGroup(leaderPid: number): void {
  try {
    process.kill(-leaderPid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/**
 * Samples the resident memory of process groups while at least one is watched; a single pass over
 * the process table serves all of them.
 */
export class MemorySampler {
  readonly #watched = new Map<number, (residentBytes: number) => void>();
  #timer: NodeJS.Timeout | undefined;

  /** Calls `onSample` a few times a second until the returned function is called. */
  watch(leaderPid: number, onSample: (residentBytes: number) => void): () => void {
    this.#watched.set(leaderPid, onSample);
    this.#schedule();
    return () => {
      this.#watched.delete(leaderPid);
    };
  }

  #schedule(): void {
    if (this.#timer || this.#watched.size === 0) return;
    this.#timer = setTimeout(async () => {
      try {
        const sums = await residentBytesByGroup(new Set(this.#watched.keys()));
        for (const [pid, bytes] of sums) this.#watched.get(pid)?.(bytes);
      } catch (error) {
        console.error(`One memory sample failed: ${error}`);
      }
      this.#timer = undefined;
      this.#schedule();
    }, SAMPLE_INTERVAL_MS);
    this.#timer.unref();
  }
}

async function residentBytesByGroup(groups: ReadonlySet<number>): Promise<Map<number, number>> {
  const sums = new Map<number, number>();
  const add = (group: number, kib: number) => sums.set(group, (sums.get(group) ?? 0) + kib * 1024);
  if (process.platform === 'linux') await sumFromProc(groups, add);
  else await sumFromPs(groups, add);
  return sums;
}

async function sumFromProc(
  groups: ReadonlySet<number>,
  add: (group: number, kib: number) => void,
): Promise<void> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  await Promise.all(
    pids.map(async (pid) => {
      try {
        const stat = await readFile(`/proc/${pid}/stat`, 'latin1');
        // `pid (name) state ppid pgrp …`: the name may hold anything, so count from its last bracket.
        const group = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2]);
        if (!groups.has(group)) return;
        const status = await readFile(`/proc/${pid}/status`, 'latin1');
        add(group, Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0));
      } catch {
        // The process ended while we looked: it holds no memory any more.
      }
    }),
  );
}

async function sumFromPs(
  groups: ReadonlySet<number>,
  add: (group: number, kib: number) => void,
): Promise<void> {
  const { stdout } = await promisify(execFile)('ps', ['-axo', 'pgid=,rss=']);
  for (const line of stdout.trim().split('\n')) {
    const [group, kib] = line.trim().split(/\s+/).map(Number);
    if (group !== undefined && groups.has(group)) add(group, kib ?? 0);
  }
}
