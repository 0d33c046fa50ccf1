import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BootError } from '../stack/boot-error.ts';

/**
 * Listens on this machine only.
 * @param port 0 takes any free one
 * @returns the port
 * @throws BootError `PortInUse`
 */
export async function listen(server: Server, port: number): Promise<number> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'EADDRINUSE') throw cause;
    throw new BootError(
      'PortInUse',
      `Port ${port} is taken by another program. Stop it, or choose another port.`,
      { cause },
    );
  });
  return (server.address() as AddressInfo).port;
}

/** Ends all connections; may be called again. */
export async function close(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}

/** Whether a `Host` header names this machine: a web page may make a name of its own point here. */
export function isLocalHost(host = ''): boolean {
  const name = host.replace(/:\d+$/, '');
  return name === '' || name === '127.0.0.1' || /(^|\.)localhost$/.test(name);
}
