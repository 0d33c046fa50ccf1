import { readFile, writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { makeClip, segmentFiles } from '../clip.fixture.ts';
import { MediaWork } from '../ffmpeg/media-work.ts';
import { splitAdts } from '../sound/aac-frames.ts';
import { shortEpisode, useFolder } from '../sources/judged.fixture.ts';
import { joinSegments } from './join-segments.ts';

const folder = useFolder();
const { signal } = new AbortController();

it.each<[string, number, string]>([
  ['longer', 5, 'longer'],
  ['shorter', -5, 'shorter'],
])('refuses audio that is %s than the frames', async (_, frames, than) => {
  const { cuts } = await makeClip(await shortEpisode(), [[1_000, 3_000]], folder.path);
  const { file } = cuts[0]!.sound!;
  const all = splitAdts(await readFile(file))!.frames.map(({ bytes }) => bytes);
  const changed = frames > 0 ? [...all, ...all.slice(0, frames)] : all.slice(0, frames);
  await writeFile(file, Buffer.concat(changed));
  const joined = joinSegments([segmentFiles(cuts[0]!)], new MediaWork(folder.path, signal));
  await expect(joined).rejects.toMatchObject({
    code: 'STITCH_FAILED',
    message: expect.stringMatching(new RegExp(`audio is \\d+ ms ${than} than its frames`)),
  });
});
