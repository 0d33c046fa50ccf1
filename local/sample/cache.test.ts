import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { cachedEpisode } from './cache.ts';

const run = promisify(execFile);
const SPEC = { width: 160, height: 90, seconds: 1 };
let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'splicebus-cache-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

it('makes an episode once', async () => {
  const first = await cachedEpisode(dir, SPEC);
  const { mtimeMs } = await stat(first.playlistPath);
  // Defaults count as if they were written out.
  const second = await cachedEpisode(dir, {
    ...SPEC,
    container: 'ts',
    ffmpegPath: 'no-such-ffmpeg',
  });
  expect(second).toEqual(first);
  expect((await stat(second.playlistPath)).mtimeMs).toBe(mtimeMs);
});

it('keeps different episodes apart', async () => {
  const one = await cachedEpisode(dir, SPEC);
  const other = await cachedEpisode(dir, { ...SPEC, fps: '25' });
  expect(other.dir).not.toBe(one.dir);
  expect([one.frameCount, other.frameCount]).toEqual([30, 25]);
});

it('gives one episode to processes that ask at once, and leaves nothing else', async () => {
  const script = `
    const { cachedEpisode } = await import(${JSON.stringify(new URL('cache.ts', import.meta.url).href)});
    console.log(JSON.stringify(await cachedEpisode(...${JSON.stringify([dir, SPEC])})));`;
  const ask = () => run(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script]);
  const answers = await Promise.all([ask(), ask(), ask()]);
  const episodes = answers.map(({ stdout }) => JSON.parse(stdout));
  expect(episodes[1]).toEqual(episodes[0]);
  expect(episodes[2]).toEqual(episodes[0]);
  expect(await readdir(dir)).toEqual([episodes[0].dir.slice(dir.length + 1)]);
});

it('leaves nothing behind when the encoder fails', async () => {
  await expect(cachedEpisode(dir, { ...SPEC, ffmpegPath: 'false' })).rejects.toMatchObject({
    code: 'ENCODING_FAILED',
  });
  expect(await readdir(dir)).toEqual([]);
});
