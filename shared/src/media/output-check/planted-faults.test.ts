import { chmod, mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { type CutOptions, makeClip, type Span } from '../clip.fixture.ts';
import { deepEpisode } from '../sources/hdr.fixture.ts';
import { shortEpisode, useFolder } from '../sources/judged.fixture.ts';

// An FFmpeg that does something else than it is told: what the pipeline makes with it must not pass for right.

const folder = useFolder();
const SPANS: Span[] = [
  [4_200, 7_300],
  [9_100, 11_000],
];

afterEach(() => {
  delete process.env.FFMPEG_PATH;
});

/**
 * @param where a pattern of the arguments that are changed
 * @param find what in them becomes something else, as Bash's patterns have it
 */
async function plant(where: string, find: string, put: string): Promise<void> {
  const file = join(await mkdtemp(join(folder.path, 'planted-')), 'ffmpeg');
  const script = `#!/bin/bash
args=()
for arg in "$@"; do
  if [[ $arg == ${where} ]]; then arg="\${arg/${find}/${put}}"; fi
  args+=("$arg")
done
exec ffmpeg "\${args[@]}"
`;
  await writeFile(file, script);
  await chmod(file, 0o755);
  process.env.FFMPEG_PATH = file;
}

const made = async (spans: readonly Span[], options?: CutOptions) =>
  makeClip(await shortEpisode(), spans, folder.path, options);

it('levels that shift beside copied frames: encoded as a whole, and told', async () => {
  await plant("*trim=*'[picture'*", '\\[picture', ',lutyuv=y=val*0.93[picture');
  const { cuts } = await made(SPANS.slice(0, 1));
  const [{ pictures, warnings }] = cuts as [(typeof cuts)[0]];
  expect(pictures).toMatchObject({
    method: 'reencoded',
    reason: expect.stringMatching(/^the levels of a frame where it was cut are \d+\.\d off/),
  });
  expect(warnings).toMatchObject([{ code: 'LEVELS_CHANGED' }]);
});

it('levels that shift where all is encoded: told', async () => {
  await plant("*trim=*'[picture'*", '\\[picture', ',lutyuv=y=val*0.93[picture');
  const { cuts } = await made(SPANS.slice(0, 1), { cut: 'reencode' });
  expect(cuts[0]!.warnings).toMatchObject([{ code: 'LEVELS_CHANGED' }]);
});

it('full range taken for limited, whose mean may stay: told', async () => {
  await plant("*trim=*'[picture'*", '\\[picture', ',lutyuv=y=16+val*219/255[picture');
  const { cuts } = await made(SPANS.slice(0, 1), { cut: 'reencode' });
  expect(cuts[0]!.warnings).toMatchObject([{ code: 'LEVELS_CHANGED' }]);
});

it('levels that shift where 10 bits become 8: told', async () => {
  await plant("*trim=*'[picture'*", '\\[picture', ',lutyuv=y=val*0.93[picture');
  const episode = await deepEpisode({ codec: 'h264', tags: [1, 1, 1] }, folder.path);
  const { cuts } = await makeClip(episode, [[1_000, 3_000]], folder.path);
  expect(cuts[0]!.warnings?.map(({ code }) => code)).toEqual([
    'BIT_DEPTH_REDUCED',
    'LEVELS_CHANGED',
  ]);
});

it.each(['first', 'last'])('a frame too few at the %s: refused', async (end) => {
  const select = end === 'first' ? 'gt(n\\\\,0)' : 'lt(n\\\\,8)';
  await plant("*trim=*'[picture'*", '\\[picture', `,select=${select}[picture`);
  await expect(made(SPANS.slice(0, 1))).rejects.toMatchObject({
    code: 'CHUNK_UNDECODABLE',
    message: expect.stringMatching(/only \d+ of 93 pictures could be decoded/),
  });
});

it.each([1, 2])('audio too long by 100 ms, in a clip of %i: refused', async (count) => {
  await plant("*concat=n=*'[sound]'", '\\[sound\\]', ',apad=pad_len=4800[sound]');
  await expect(made(SPANS.slice(0, count))).rejects.toMatchObject({
    code: 'CHUNK_UNDECODABLE',
    message: expect.stringMatching(/its audio is \d+ ms longer than its frames/),
  });
});

it.each([1, 2])('audio too short by 100 ms, in a clip of %i: refused', async (count) => {
  await plant("*concat=n=*'[sound]'", '\\[sound\\]', ',atrim=start_sample=4800[sound]');
  await expect(made(SPANS.slice(0, count))).rejects.toMatchObject({
    code: 'CHUNK_UNDECODABLE',
    message: expect.stringMatching(/its audio is \d+ ms shorter than its frames/),
  });
});
