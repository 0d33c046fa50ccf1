import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { MediaWork } from './media-work.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'splicebus-work-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Two and a half seconds of pictures, in real time. */
const SLOW = ['-re', '-f', 'lavfi', '-i', 'testsrc=size=64x64:rate=20:duration=2.5'];

it('tells how much is encoded while it is', async () => {
  const work = new MediaWork(folder, new AbortController().signal);
  const shares: number[] = [];
  work.onEncoded = (share) => shares.push(share);
  await work.ffmpeg([...SLOW, join(folder, 'clip.mp4')], [], 50);
  expect(shares).toEqual([...shares].sort((a, b) => a - b));
  expect(shares.some((share) => share > 0 && share < 1)).toBe(true);
  expect(shares.at(-1)).toBe(1);
});
