import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { encodedAnew, type Span } from '../clip.fixture.ts';
import { type JudgedClip, judgedClip, shortEpisode, useFolder } from './judged.fixture.ts';

const folder = useFolder();
const X264 = ['-c:v', 'libx264', '-preset', 'veryfast', '-g', '45', '-sc_threshold', '0'];
const span: Span = [4_200, 7_300];

/** As FFprobe says a player shows it. */
async function shapeOf({ clipFile }: JudgedClip): Promise<string> {
  const { stdout } = await promisify(execFile)('ffprobe', [
    ...['-v', 'error', '-select_streams', 'v', '-of', 'csv=p=0', '-show_entries'],
    ...['stream=width,height,sample_aspect_ratio,pix_fmt', clipFile],
  ]);
  return stdout.trim();
}

/** Sets the matrix of the track header: ISO/IEC 14496-12, 8.3.2. */
async function turnBy(degrees: number, playlistPath: string): Promise<void> {
  const file = join(dirname(playlistPath), 'init.mp4');
  const init = await readFile(file);
  const matrixAt = init.indexOf('tkhd') + 4 + 40;
  const radians = (degrees * Math.PI) / 180;
  const [cos, sin] = [Math.round(Math.cos(radians)), Math.round(Math.sin(radians))];
  const one = 0x10000;
  const matrix = [cos * one, sin * one, 0, -sin * one, cos * one, 0, 0, 0, 0x40000000];
  for (const [n, value] of matrix.entries()) init.writeInt32BE(value, matrixAt + 4 * n);
  await writeFile(file, init);
}

describe('pictures that the player is to turn', () => {
  it.each([
    [90, 'transpose=cclock'],
    [180, 'hflip,vflip'],
    [270, 'transpose=clock'],
  ])('by %i degrees, stand upright in the clip', async (degrees, stored) => {
    const plain = await shortEpisode({ container: 'fmp4' });
    const episode = await encodedAnew(plain, ['-vf', stored, ...X264], folder.path);
    await turnBy(degrees, episode.playlistPath);
    const clip = await judgedClip(episode, [span], folder.path);
    expect(clip.faults).toEqual([]);
    expect(clip.cuts[0]!.pictures).toMatchObject({
      method: 'reencoded',
      reason: 'the picture is turned by the player',
    });
    expect(await shapeOf(clip)).toBe('320,180,1:1,yuv420p');
  });
});

describe('sizes', () => {
  it.each<[name: string, filter: string, encoder: string[], shape: string, method: string]>([
    [
      'cropped from whole macroblocks',
      'scale=318:178,setsar=1',
      [],
      '318,178,1:1,yuv420p',
      'smart',
    ],
    [
      'odd, in 4:4:4',
      'scale=319:179,setsar=1',
      ['-pix_fmt', 'yuv444p'],
      '318,178,1:1,yuv420p',
      'reencoded',
    ],
    ['with pixels that are not square', 'setsar=4/3', [], '320,180,4:3,yuv420p', 'smart'],
    [
      'with pixels that are not square, encoded',
      'setsar=4/3',
      ['-x264-params', 'tff=1'],
      '320,180,4:3,yuv420p',
      'reencoded',
    ],
  ])('%s', async (_, filter, encoder, shape, method) => {
    for (const container of ['ts', 'fmp4'] as const) {
      const plain = await shortEpisode();
      const options = ['-vf', filter, ...X264, ...encoder];
      const episode = await encodedAnew(plain, options, folder.path, { container });
      const clip = await judgedClip(episode, [span], folder.path);
      expect(clip.faults).toEqual([]);
      expect(clip.cuts[0]!.pictures?.method).toBe(method);
      expect(await shapeOf(clip)).toBe(shape);
    }
  });
});
