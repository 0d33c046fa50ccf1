import { execFile } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { MediaWork } from '../ffmpeg/media-work.ts';
import { probeClip } from '../finished/probe-clip.ts';
import { inspectClip } from '../join/inspect-clip.ts';
import { useFolder } from '../sources/judged.fixture.ts';
import { encodeRendition } from './encode-rendition.ts';
import { renditionSize } from './rendition-size.ts';

const run = promisify(execFile);
const folder = useFolder();
const newWork = async () =>
  new MediaWork(await mkdtemp(join(folder.path, 'work-')), new AbortController().signal);

describe('renditionSize', () => {
  it.each([
    ['720p', [1920, 1080], [1280, 720]],
    ['1080p', [3840, 2160], [1920, 1080]],
    ['720p', [1080, 1920], [720, 1280]],
    ['720p', [1080, 1080], [720, 720]],
    ['720p', [1998, 1080], [1332, 720]],
    ['720p', [1919, 1079], [1280, 720]],
    ['720p', [2560, 1080], [1706, 720]],
    ['1080p', [4096, 1716], [2578, 1080]],
    ['720p', [1281, 722], [1278, 720]],
  ] as const)('%s of %j is %j', (name, [width, height], [wide, high]) => {
    expect(renditionSize({ width, height }, name)).toEqual({ width: wide, height: high });
  });

  it.each([
    ['720p', 1280, 720],
    ['720p', 640, 360],
    ['720p', 720, 4000],
    ['1080p', 1280, 720],
    ['1080p', 1920, 1080],
  ] as const)('there is no %s of %i × %i: it would be enlarged', (name, width, height) => {
    expect(renditionSize({ width, height }, name)).toBeUndefined();
  });
});

/** A clip whose upper left quarter is white, the rest black. */
async function clipOf(
  name: string,
  size: string,
  encoder: readonly string[],
  filters: readonly string[] = [],
): Promise<string> {
  const file = join(folder.path, name);
  const corner = 'drawbox=0:0:iw/2:ih/2:white:fill';
  await run('ffmpeg', [
    ...['-v', 'error', '-y', '-f', 'lavfi', '-i', `color=black:s=${size}:r=25:d=1.2`],
    ...['-vf', [corner, 'format=yuv420p', ...filters].join(',')],
    ...['-fps_mode', 'passthrough', '-enc_time_base', '1:90000'],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', ...encoder],
    ...['-video_track_timescale', '90000', file],
  ]);
  return file;
}

/** Its first picture, made into 2 × 2 levels of grey. */
async function quartersOf(file: string): Promise<number[]> {
  const { stdout } = await run(
    'ffmpeg',
    [
      ...['-v', 'error', '-i', file, '-frames:v', '1'],
      ...['-vf', 'scale=2:2:flags=area,format=gray', '-f', 'rawvideo', '-'],
    ],
    { encoding: 'buffer' },
  );
  return [...stdout].map((level) => Math.round(level / 255));
}

async function encoded(clip: string, name: '720p' | '1080p' = '720p') {
  const work = await newWork();
  const pictures = (await probeClip(clip, work))!;
  const size = renditionSize(pictures.size, name)!;
  const plan = { name, size, pictures, keysSeconds: [0] };
  const file = await encodeRendition(clip, plan, work);
  const made = (await probeClip(file, work))!;
  return { file, pictures, size, made };
}

describe('a rendition', () => {
  it.each([
    ['wide', '1600x900', [], [], [1280, 720], [1, 0, 0, 0]],
    ['portrait', '900x1600', [], [], [720, 1280], [1, 0, 0, 0]],
    ['of an odd shape', '1002x938', [], [], [770, 720], [1, 0, 0, 0]],
    ['with wide pixels', '1200x900', [], ['setsar=4/3'], [1280, 720], [1, 0, 0, 0]],
    ['with narrow pixels', '1920x900', [], ['setsar=1/2'], [768, 720], [1, 0, 0, 0]],
    [
      'interlaced',
      '1600x900',
      ['-flags', '+ildct+ilme', '-top', '1'],
      [],
      [1280, 720],
      [1, 0, 0, 0],
    ],
  ])('is as the clip, which is %s', async (what, size, encoder, filters, [width, height], seen) => {
    const { file, made } = await encoded(
      await clipOf(`${what.replaceAll(' ', '-')}.mp4`, size, encoder, filters),
    );
    expect(made).toEqual({ size: { width, height }, isInterlaced: false });
    expect(await quartersOf(file)).toEqual(seen);
  });

  it.each([90, 180, 270])(
    'stands upright where the clip is to be turned by %i°',
    async (degrees) => {
      const flat = await clipOf(`flat-${degrees}.mp4`, '1600x900', []);
      const turned = join(folder.path, `turned-${degrees}.mp4`);
      const rotate = ['-metadata:s:v', `rotate=${degrees}`];
      await run('ffmpeg', ['-v', 'error', '-i', flat, '-c', 'copy', ...rotate, turned]);
      const { file, size, made } = await encoded(turned);
      expect(made.size).toEqual(size);
      expect(size.width < size.height).toBe(degrees !== 180);
      const seen = await quartersOf(file);
      expect(seen).toEqual(await quartersOf(turned));
      expect(seen).not.toEqual(await quartersOf(flat));
    },
  );

  it('shows every picture at its own time, however irregular', async () => {
    // 0, 1, 4, 9, … twenty-fifths of a second.
    const clip = await clipOf('irregular.mp4', '1600x900', [], ['setpts=N*N/25/TB']);
    const { file } = await encoded(clip);
    const [made, given] = [await inspectClip(file), await inspectClip(clip)];
    expect(made.times).toEqual(given.times);
    expect(made.times.slice(0, 4)).toEqual([0, 3_600, 14_400, 32_400]);
  });
});
