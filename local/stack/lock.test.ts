import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockStateDir } from './lock.ts';

describe('lockStateDir', () => {
  let stateDir: string;
  beforeEach(() => {
    stateDir = mkdtempSync(join(tmpdir(), 'splicebus-lock-'));
  });
  afterEach(() => rmSync(stateDir, { recursive: true }));

  it('admits one at a time', () => {
    const unlock = lockStateDir(stateDir);
    expect(() => lockStateDir(stateDir)).toThrow(`Another stack (process ${process.pid}) runs in`);
    unlock();
    lockStateDir(stateDir)();
  });

  it('takes over the lock of a process that is gone', () => {
    const { pid } = spawnSync(process.execPath, ['--version']);
    writeFileSync(join(stateDir, 'lock'), String(pid));
    lockStateDir(stateDir)();
  });

  it('takes over a lock that was never written to its end', () => {
    writeFileSync(join(stateDir, 'lock'), '');
    lockStateDir(stateDir)();
  });
});
