import { execFile } from 'node:child_process';
import { mkdtemp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { makeClip, smallEpisode } from '../clip.fixture.ts';
import { MediaWork } from '../ffmpeg/media-work.ts';
import { useFolder } from '../sources/judged.fixture.ts';
import { type TakenPicture, takePictures } from './take-pictures.ts';

const run = promisify(execFile);
const folder = useFolder();

async function takenFrom(clipFile: string) {
  const work = new MediaWork(
    await mkdtemp(join(folder.path, 'work-')),
    new AbortController().signal,
  );
  return { ...(await takePictures(clipFile, work)), work };
}

const X264 = ['-c:v', 'libx264', '-preset', 'ultrafast'];

/** @param input a filter graph of FFmpeg's */
async function clipOf(name: string, input: string, ...options: string[]): Promise<string> {
  const file = join(folder.path, `${name}.mp4`);
  await run('ffmpeg', [
    ...['-v', 'error', '-y', '-f', 'lavfi', '-i', input, '-pix_fmt', 'yuv420p'],
    ...[...(options.includes('-c:v') ? [] : X264), ...options, file],
  ]);
  return file;
}

/** Two bad seconds and a good one in each of its thirds. */
const MIXED = [
  'testsrc2=s=640x360:r=25:d=9',
  "drawbox=0:0:iw:ih:black:fill:enable='lt(t,2)'",
  "gblur=sigma=12:enable='between(t,3,4.99)'",
  "drawbox=0:0:iw:ih:white:fill:enable='between(t,6,7.99)'",
].join(',');

const isGood = ({ atMs }: TakenPicture) => atMs % 3_000 >= 2_000;

async function sizeOf({ file }: TakenPicture): Promise<string> {
  const entries = 'stream=codec_name,width,height,pix_fmt';
  const { stdout } = await run('ffprobe', [
    ...['-v', 'error', '-show_entries', entries, '-of', 'csv=p=0', file],
  ]);
  return stdout.trim();
}

describe('pictures of a clip', () => {
  it.each([
    ['of which all pictures are decoded', '250'],
    ['of which key pictures are enough', '5'],
  ])('avoid what is black, white or blurred, in a clip %s', async (_, distance) => {
    const clip = await clipOf(`mixed-${distance}`, MIXED, '-g', distance, '-sc_threshold', '0');
    const { poster, thumbnails } = await takenFrom(clip);
    expect(thumbnails.map(({ atMs }) => Math.floor(atMs / 3_000))).toEqual([0, 1, 2]);
    expect([poster, ...thumbnails].filter((picture) => !isGood(picture))).toEqual([]);
  });

  it('are the same each time', async () => {
    const clip = await clipOf('again', MIXED);
    const [first, second] = [await takenFrom(clip), await takenFrom(clip)];
    const contents = ({ poster, thumbnails }: typeof first) =>
      Promise.all([poster, ...thumbnails].map(({ file }) => readFile(file)));
    expect(await contents(second)).toEqual(await contents(first));
    expect(first.work.processes).toBe(2);
  });

  it.each([
    ['large', 'testsrc2=s=1920x1080:r=25:d=1', '1280,720', '320,180'],
    ['small', 'testsrc2=s=200x100:r=25:d=1', '200,100', '200,100'],
    ['portrait', 'testsrc2=s=1080x1920:r=25:d=1', '1080,1920', '320,569'],
    ['odd', 'testsrc2=s=1302x998:r=25:d=1', '1280,981', '320,245'],
    ['wide-pixels', 'testsrc2=s=720x576:r=25:d=1,setsar=16/11', '1047,576', '320,176'],
  ])('have the shape of the clip: %s', async (name, input, poster, thumbnail) => {
    const taken = await takenFrom(await clipOf(name, input));
    expect(await sizeOf(taken.poster)).toBe(`mjpeg,${poster},yuvj420p`);
    expect(`${taken.poster.width},${taken.poster.height}`).toBe(poster);
    for (const picture of taken.thumbnails) {
      expect(await sizeOf(picture)).toBe(`mjpeg,${thumbnail},yuvj420p`);
      expect(`${picture.width},${picture.height}`).toBe(thumbnail);
    }
  });

  it('stand upright', async () => {
    const flat = await clipOf('flat', 'testsrc2=s=640x360:r=25:d=1');
    const turned = join(folder.path, 'turned.mp4');
    await run('ffmpeg', [
      ...['-v', 'error', '-i', flat, '-c', 'copy', '-metadata:s:v', 'rotate=90', turned],
    ]);
    expect(await sizeOf((await takenFrom(turned)).poster)).toBe('mjpeg,360,640,yuvj420p');
  });

  it('are taken out of HEVC, and out of pictures at irregular times', async () => {
    const x265 = ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=none'];
    const hevc = await takenFrom(await clipOf('hevc', MIXED, ...x265));
    expect(hevc.thumbnails.filter((picture) => !isGood(picture))).toEqual([]);
    const irregular = await takenFrom(
      await clipOf(
        'irregular',
        `${MIXED},select='not(mod(n,7))+not(mod(n,3))'`,
        '-fps_mode',
        'vfr',
      ),
    );
    expect(irregular.thumbnails.filter((picture) => !isGood(picture))).toEqual([]);
  });

  it('of a clip of one picture all show it', async () => {
    const episode = await smallEpisode({ fps: '30' });
    const { clipFile } = await makeClip(episode, [[5_000, 5_020]], folder.path);
    const { poster, thumbnails } = await takenFrom(clipFile);
    expect([poster, ...thumbnails].map(({ atMs }) => atMs)).toEqual([0, 0, 0, 0]);
  });

  it('of a black clip are black: there is nothing better', async () => {
    const { thumbnails } = await takenFrom(await clipOf('black', 'color=black:s=64x64:r=25:d=3'));
    expect(thumbnails).toHaveLength(3);
  });

  it('of a real clip show what the clip shows then', async () => {
    const episode = await smallEpisode({ fps: '30' });
    const { clipFile } = await makeClip(episode, [[3_000, 15_000]], folder.path);
    const { poster, thumbnails } = await takenFrom(clipFile);
    expect(thumbnails.map(({ atMs }) => Math.floor(atMs / 4_000))).toEqual([0, 1, 2]);
    expect(thumbnails.map(({ atMs }) => atMs)).toContain(poster.atMs);
  });

  it('there are none of a clip of sound alone', async () => {
    const sound = join(folder.path, 'sound.mp4');
    await run('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'sine=d=1', '-c:a', 'aac', sound]);
    await expect(takenFrom(sound)).rejects.toMatchObject({ code: 'CLIP_WITHOUT_PICTURES' });
  });
});
