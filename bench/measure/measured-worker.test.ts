import { expect, it } from 'vitest';
import { MeasuredWorker } from './measured-worker.ts';

const BURNER = new URL('burner.fixture.ts', import.meta.url);
const isLinux = process.platform === 'linux';

it.runIf(isLinux)('accounts for what a child has burned, as the child itself does', async () => {
  const worker = await MeasuredWorker.start<{ cpuMs: number }, { burnedMs: number }>(BURNER);
  try {
    const { result, cpuMs, allPeakBytes, nodePeakBytes } = await worker.perform({ cpuMs: 300 });
    expect(result.burnedMs).toBeGreaterThanOrEqual(300);
    // The kernel counts in ticks of 10 ms, and starting a process is work too.
    expect(cpuMs).toBeGreaterThanOrEqual(result.burnedMs - 30);
    expect(nodePeakBytes).toBeGreaterThan(10e6);
    expect(allPeakBytes).toBeGreaterThanOrEqual(nodePeakBytes);
  } finally {
    await worker.stop();
  }
});

it.runIf(isLinux)('says what went wrong in the worker', async () => {
  const worker = await MeasuredWorker.start(BURNER);
  try {
    await expect(worker.perform({ cpuMs: -1 })).rejects.toThrow('nothing to burn');
  } finally {
    await worker.stop();
  }
});
