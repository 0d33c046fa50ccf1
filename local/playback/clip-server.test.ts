import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ClipServer, serveClip } from './clip-server.ts';

let dir: string;
let server: ClipServer;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'splicebus-clip-server-'));
  await writeFile(join(dir, 'clip.mp4'), '0123456789');
  server = await serveClip(join(dir, 'clip.mp4'));
});
afterAll(async () => {
  await server.close();
  await rm(dir, { recursive: true, force: true });
});

it.each([
  [undefined, 200, '0123456789', null],
  ['bytes=0-', 206, '0123456789', 'bytes 0-9/10'],
  ['bytes=3-5', 206, '345', 'bytes 3-5/10'],
  ['bytes=8-99', 206, '89', 'bytes 8-9/10'],
  ['bytes=10-', 416, '', 'bytes */10'],
])('answers %s with %i', async (range, status, body, contentRange) => {
  const response = await fetch(`${server.url}clip.mp4`, { headers: range ? { range } : {} });
  expect(response.status).toBe(status);
  expect(await response.text()).toBe(body);
  expect(response.headers.get('content-range')).toBe(contentRange);
});

it('serves the player and nothing else', async () => {
  expect(await (await fetch(server.url)).text()).toContain('<video');
  expect((await fetch(`${server.url}etc/passwd`)).status).toBe(404);
});
