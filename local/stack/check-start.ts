import { createServer } from 'node:http';
import { resolve } from 'node:path';
import { close, listen } from '../gateway/loopback.ts';
import { lockStateDir } from './lock.ts';
import { asBootError } from './state-file.ts';

/**
 * Finds out whether a stack could start, before anything is done that takes long: its ports are free, and its state
 * directory can be written to.
 * @param ports 0 stands for any free one
 * @throws BootError
 */
export async function checkStart(stateDir: string, ports: readonly number[]): Promise<void> {
  const folder = resolve(stateDir);
  for (const port of ports) {
    const server = createServer();
    await listen(server, port);
    await close(server);
  }
  try {
    lockStateDir(folder)();
  } catch (error) {
    throw asBootError(error, folder);
  }
}
