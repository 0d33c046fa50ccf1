import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Runs `work` while no other process of this machine runs any under the same name.
 *
 * The lock is a Unix socket: whoever listens on it holds it, whoever waits is connected to it. The
 * operating system closes it with its process, so no crash leaves a lock behind.
 */
export async function exclusively<T>(name: string, work: () => Promise<T>): Promise<T> {
  // Hashed, because the path of a socket may not be longer than some 100 characters.
  const id = createHash('sha256').update(name).digest('hex').slice(0, 16);
  const socketPath = join(tmpdir(), `splicebus-${id}.sock`);
  const release = await acquire(socketPath);
  try {
    return await work();
  } finally {
    release();
  }
}

async function acquire(socketPath: string): Promise<() => void> {
  for (;;) {
    const waiting = new Set<Socket>();
    const server = createServer((socket) => waiting.add(socket.on('error', () => {})));
    if (await listens(server, socketPath)) {
      return () => {
        server.close();
        for (const socket of waiting) socket.destroy();
      };
    }
    await released(socketPath);
  }
}

async function listens(server: Server, socketPath: string): Promise<boolean> {
  try {
    server.listen(socketPath);
    await once(server, 'listening');
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return false;
    throw error;
  }
}

/** Returns once the holder lets go; clears away what a killed holder has left. */
async function released(socketPath: string): Promise<void> {
  const socket = connect(socketPath).resume();
  let failure: string | undefined;
  socket.on('error', (error: NodeJS.ErrnoException) => {
    failure = error.code;
  });
  await new Promise((resolve) => socket.on('close', resolve));
  if (failure === 'ECONNREFUSED') await rm(socketPath, { force: true });
}
