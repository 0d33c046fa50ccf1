import { execFile } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { MediaWork } from '../ffmpeg/media-work.ts';
import { inputFile } from '../ffmpeg/run.ts';
import { useFolder } from '../sources/judged.fixture.ts';
import { assertSameLevels } from './compare-levels.ts';
import { measureLevels } from './measure-levels.ts';

const run = promisify(execFile);
const folder = useFolder();

/** One frame of a single level, coded without loss. @param luma of 255 */
async function frameOf(luma: number, bitDepth: 8 | 10): Promise<string> {
  const file = join(await mkdtemp(join(folder.path, 'grey-')), 'frame.mp4');
  const format = bitDepth === 10 ? 'yuv420p10le' : 'yuv420p';
  const scale = 2 ** (bitDepth - 8);
  const levels = `geq=lum=${luma * scale}:cb=${128 * scale}:cr=${128 * scale}`;
  await run('ffmpeg', [
    ...['-v', 'error', '-f', 'lavfi', '-i', 'color=s=64x36:r=25:d=0.04'],
    ...['-vf', `format=${format},${levels}`, '-c:v', 'libx264', '-qp', '0', file],
  ]);
  return file;
}

async function levelsOf(luma: number, bitDepth: 8 | 10) {
  const file = await frameOf(luma, bitDepth);
  const workFolder = await mkdtemp(join(folder.path, 'work-'));
  const input = { options: inputFile(file, 'mov') };
  const [frames] = await measureLevels(
    [{ input, select: 'trim=end_frame=1', bitDepth }],
    new MediaWork(workFolder, new AbortController().signal),
  );
  return frames!;
}

// A dark frame of 10 bits uses no more than 8 of them: 16 is coded as 64, 60 as 240.
it.each([16, 60, 128, 235])('a level of %i is the same in 8 and in 10 bits', async (luma) => {
  const [eight, ten] = [await levelsOf(luma, 8), await levelsOf(luma, 10)];
  expect(ten).toEqual([{ y: luma, u: 128, v: 128, bright: Math.max(luma, 128) }]);
  expect(eight).toEqual(ten);
});

it('dark frames of 10 bits may differ by one step of 8 bits, and no more', async () => {
  const source = await levelsOf(20, 10);
  assertSameLevels(await levelsOf(20.75, 10), source, 'here');
  expect(() => assertSameLevels([{ ...source[0]!, y: 21.25 }], source, 'here')).toThrow(/1\.3 off/);
});

it('black bars of a tenth of the frame are no reason to find its levels changed', async () => {
  const dir = await mkdtemp(join(folder.path, 'bars-'));
  const source = join(dir, 'source.mp4');
  const made = join(dir, 'made.mp4');
  const bars = 'drawbox=h=9:c=black:t=fill,drawbox=y=171:h=9:c=black:t=fill';
  await run('ffmpeg', [
    ...['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=s=320x180:r=25:d=1'],
    ...['-vf', `format=yuv420p,lutyuv=y='clip(val\\,60\\,220)',${bars}`],
    ...['-c:v', 'libx264', '-crf', '20', source],
  ]);
  await run('ffmpeg', ['-v', 'error', '-i', source, '-c:v', 'libx264', '-crf', '20', made]);
  const work = new MediaWork(await mkdtemp(join(dir, 'work-')), new AbortController().signal);
  const frames = [source, made].map((file) => ({
    input: { options: inputFile(file, 'mov') },
    select: 'trim=end_frame=25',
    bitDepth: 8,
  }));
  const [before, after] = await measureLevels(frames, work);
  expect(before).toHaveLength(25);
  assertSameLevels(after!, before!, 'here');
});
