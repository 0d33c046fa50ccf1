import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'splicebus-tools-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.resetModules();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Puts a script in FFmpeg's place that says it is of this version and knows only these parts. */
async function pretend(version: string, parts: string) {
  const tool = join(folder, 'ffmpeg');
  await writeFile(
    tool,
    `#!/bin/sh\nif [ "$1" = -version ]; then echo "ffmpeg version ${version} Copyright"; else echo "${parts}"; fi\n`,
  );
  await chmod(tool, 0o755);
  vi.stubEnv('FFMPEG_PATH', tool);
}

async function check() {
  const { checkMediaTools } = await import('./tools.ts');
  return checkMediaTools();
}

const ALL = 'libx264 aac flac mjpeg libmp3lame setts';

it('finds FFmpeg as this machine has it', async () => {
  expect(await check()).toEqual({ version: expect.stringMatching(/^\d+\.\d+/) });
});

it.each(['5.1', '5.1.9', 'n7.1', '8.0.1', 'N-118000-gabcdef'])(
  'takes version %s',
  async (version) => {
    await pretend(version, ALL);
    expect(await check()).toHaveProperty('version');
  },
);

it.each(['4.4.2-0ubuntu0.22.04.1', '5.0.3', '2.8'])('says that %s is too old', async (version) => {
  await pretend(version, ALL);
  expect(await check()).toEqual({
    problem: expect.stringMatching(
      /^FFmpeg [\d.]+ is too old, 5\.1 or newer is needed: install it with .*\.$/,
    ),
  });
});

it.each(['libx264', 'aac', 'flac', 'mjpeg', 'libmp3lame', 'setts'])(
  'says that %s is missing',
  async (part) => {
    await pretend('5.1', ALL.replace(part, ''));
    const result = await check();
    expect(result).toEqual({
      problem: expect.stringContaining(
        part === 'aac' || part === 'flac' ? part.toUpperCase() : part,
      ),
    });
  },
);

it.each(['FFMPEG_PATH', 'FFPROBE_PATH'])(
  'says in one line that %s points nowhere',
  async (name) => {
    vi.stubEnv(name, '/nowhere/tool');
    expect(await check()).toEqual({
      problem: expect.stringMatching(
        /^\/nowhere\/tool was not found or does not start: install it with .*\.$/,
      ),
    });
  },
);
