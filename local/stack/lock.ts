import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BootError } from './boot-error.ts';

/**
 * Takes a state directory for this process: two stacks on one would overwrite each other's journals.
 * A lock whose process is gone was left by a crash and is taken over.
 * @returns what gives it back
 * @throws BootError `StateDirInUse`
 */
export function lockStateDir(stateDir: string): () => void {
  mkdirSync(stateDir, { recursive: true });
  const file = join(stateDir, 'lock');
  if (!create(file)) {
    const pid = Number(readFileSync(file, 'utf8'));
    if (isRunning(pid)) {
      throw new BootError(
        'StateDirInUse',
        `Another stack (process ${pid}) runs in ${stateDir}. Stop it, or choose another state ` +
          `directory. If process ${pid} is no stack, delete ${file}.`,
      );
    }
    rmSync(file, { force: true });
    if (!create(file)) {
      throw new BootError('StateDirInUse', `Another stack is just starting in ${stateDir}.`);
    }
  }
  return () => rmSync(file, { force: true });
}

function create(file: string): boolean {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function isRunning(pid: number): boolean {
  // 0 and what is no number would ask about this process's own group.
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process is running all the same.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
