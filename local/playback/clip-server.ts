import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';

/** A page that plays a clip, at an address of this machine. */
export interface ClipServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves the player's page and one clip, with byte ranges: without them no browser can seek. */
export async function serveClip(clipPath: string): Promise<ClipServer> {
  const page = await readFile(new URL('player.html', import.meta.url));
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://clip');
    if (pathname === '/') {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page);
    } else if (pathname === '/clip.mp4') {
      await sendClip(clipPath, request.headers.range, response);
    } else {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, close: () => closed(server) };
}

async function sendClip(
  clipPath: string,
  range: string | undefined,
  response: ServerResponse,
): Promise<void> {
  const { size } = await stat(clipPath);
  const [, from = '0', to = ''] = /^bytes=(\d+)-(\d*)$/.exec(range ?? '') ?? [];
  const start = Number(from);
  const end = to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (start > end) {
    response.writeHead(416, { 'content-range': `bytes */${size}` }).end();
    return;
  }
  response.writeHead(range ? 206 : 200, {
    'content-type': 'video/mp4',
    'accept-ranges': 'bytes',
    'content-length': end - start + 1,
    ...(range ? { 'content-range': `bytes ${start}-${end}/${size}` } : {}),
  });
  // A browser that has enough hangs up: nothing is left to be done then.
  await pipeline(createReadStream(clipPath, { start, end }), response).catch(() => {});
}

async function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
