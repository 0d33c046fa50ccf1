import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { serveTasks } from './serve-tasks.ts';

/** Uses up as much CPU time as its argument says, and says how much it was. */
const BURN =
  'while (process.cpuUsage().user < process.argv[1] * 1000); console.log(process.cpuUsage().user / 1000)';

serveTasks(async ({ cpuMs }: { cpuMs: number }) => {
  if (cpuMs <= 0) throw new Error('nothing to burn');
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', BURN, String(cpuMs)]);
  return { burnedMs: Number(stdout) };
});
