import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { numbersIn } from '#shared/media/sources/judged.fixture';
import {
  cut,
  ffmpeg,
  framesFrom,
  inFolder,
  packaged,
  streamsOf,
  useSample,
} from './packaging.fixture.ts';

useSample();

/** The first frame of a file as a player shows it, in RGB. */
async function firstFrameOf(file: string, filters: string): Promise<Buffer> {
  const { stdout } = await promisify(execFile)(
    'ffmpeg',
    [
      ...['-v', 'error', '-i', file, '-frames:v', '1', '-vf', filters],
      ...['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-'],
    ],
    { encoding: 'buffer', maxBuffer: 1 << 24 },
  );
  return stdout;
}

/** The mean difference of two frames, in levels of 255. */
function differenceOf(one: Buffer, other: Buffer): number {
  expect(one.length).toBe(other.length);
  return one.reduce((sum, level, n) => sum + Math.abs(level - other[n]!), 0) / one.length;
}

async function frameTimesOf(file: string): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ffprobe', [
    ...['-v', 'error', '-select_streams', 'v:0', '-show_entries', 'frame=pts_time'],
    ...['-of', 'json', file],
  ]);
  const { frames } = JSON.parse(stdout) as { frames: { pts_time: string }[] };
  const times = frames.map(({ pts_time }) => Number(pts_time));
  return times.map((time) => time - times[0]!);
}

/** Of an MP4's first track: how frames are turned, from its header (ISO/IEC 14496-12, 8.3). */
async function withMatrix(source: string, target: string, [a, b, c, d]: readonly number[]) {
  const bytes = await readFile(inFolder(source));
  const matrixAt = bytes.indexOf('tkhd') + 44;
  for (const [at, value] of [
    [0, a],
    [4, b],
    [12, c],
    [16, d],
  ] as const) {
    bytes.writeInt32BE(value! * 0x10000, matrixAt + at);
  }
  await writeFile(inFolder(target), bytes);
}

describe('frames', () => {
  it.each([
    ['turned', [0, 1, -1, 0]],
    ['on their head', [-1, 0, 0, -1]],
    ['mirrored upside down', [1, 0, 0, -1]],
    ['mirrored', [-1, 0, 0, 1]],
    ['mirrored and turned', [0, 1, 1, 0]],
  ])('are shown %s', async (how, matrix) => {
    const name = `${how.replaceAll(' ', '-')}.mp4`;
    await withMatrix('whole.mp4', name, matrix);
    const playlist = await packaged(name);
    const [source, shown] = await Promise.all(
      [inFolder(name), playlist].map((file) => firstFrameOf(file, 'null')),
    );
    expect(differenceOf(shown!, source!)).toBeLessThan(3);
  });

  it.each(['h264.mp4', 'h264.mkv', 'hevc.mp4'])(
    'keep the shape of pixels and the colours that only the container tells: %s',
    async (name) => {
      const encoder = name.startsWith('hevc')
        ? ['-c:v', 'libx265', '-x265-params', 'log-level=none']
        : ['-c:v', 'libx264'];
      const source = ['-f', 'lavfi', '-i', 'testsrc2=s=320x180:r=25:d=1'];
      await ffmpeg(...source, ...encoder, '-pix_fmt', 'yuv420p', 'bare.mp4');
      await ffmpeg(
        ...['-i', 'bare.mp4', '-c', 'copy', '-aspect', '4:3', '-color_primaries', 'bt2020'],
        ...['-color_trc', 'arib-std-b67', '-colorspace', 'bt2020nc', '-color_range', 'pc', name],
      );
      const [stream] = (await streamsOf(await packaged(name))).filter(
        ({ codec_type }) => codec_type === 'video',
      );
      expect(stream).toMatchObject({ sample_aspect_ratio: '3:4', display_aspect_ratio: '4:3' });
      // Frames of libx265 always say something of their colours, and FFmpeg believes them alone.
      if (name.startsWith('hevc')) return;
      expect(stream).toMatchObject({
        ...{ color_range: 'pc', color_primaries: 'bt2020' },
        ...{ color_transfer: 'arib-std-b67', color_space: 'bt2020nc' },
      });
    },
  );

  it('that come irregularly are encoded at their own times', async () => {
    await ffmpeg(
      ...['-f', 'lavfi', '-i', 'testsrc2=s=320x180:r=30:d=3'],
      ...['-vf', 'settb=1/1000,setpts=PTS+floor(random(0)*25)', '-enc_time_base', '1:1000'],
      ...['-fps_mode', 'passthrough', '-c:v', 'mjpeg', 'irregular.mkv'],
    );
    const source = await frameTimesOf(inFolder('irregular.mkv'));
    const times = await frameTimesOf(await packaged('irregular.mkv'));
    expect(times).toHaveLength(source.length);
    const most = Math.max(...times.map((time, n) => Math.abs(time - source[n]!)));
    expect(most).toBeLessThan(0.0005);
  });

  it('of RGB keep their colours', async () => {
    await ffmpeg(
      ...['-f', 'lavfi', '-i', 'smptehdbars=s=1280x720:r=25:d=1', '-vf', 'format=gbrp'],
      ...['-c:v', 'ffv1', 'rgb.mkv'],
    );
    const playlist = await packaged('rgb.mkv');
    const source = await firstFrameOf(inFolder('rgb.mkv'), 'null');
    // Players take HD that says nothing for BT.709.
    const shown = await firstFrameOf(playlist, 'scale=in_color_matrix=bt709');
    expect(differenceOf(shown, source)).toBeLessThan(2);
    const [stream] = await streamsOf(playlist);
    expect(stream).toMatchObject({ color_space: 'bt709', color_range: 'tv' });
  });

  it('of RGB keep their range of light', async () => {
    await ffmpeg(
      ...['-f', 'lavfi', '-i', 'testsrc2=s=320x180:r=25:d=1', '-c:v', 'ffv1'],
      ...[
        '-pix_fmt',
        'gbrp10le',
        '-color_primaries',
        'bt2020',
        '-color_trc',
        'smpte2084',
        'pq.mkv',
      ],
    );
    const playlist = await packaged('pq.mkv');
    const [stream] = await streamsOf(playlist);
    expect(stream).toMatchObject({
      ...{ pix_fmt: 'yuv420p10le', color_primaries: 'bt2020' },
      ...{ color_transfer: 'smpte2084', color_space: 'bt2020nc' },
    });
    const source = await firstFrameOf(inFolder('pq.mkv'), 'null');
    expect(differenceOf(await firstFrameOf(playlist, 'null'), source)).toBeLessThan(3);
  });

  it.each(['late.mkv', 'late.ts'])('that come late come after black: %s', async (name) => {
    await ffmpeg(
      ...['-itsoffset', '2', '-i', 'whole.mp4', '-i', 'whole.mp4'],
      ...['-map', '0:v', '-map', '1:a', '-c', 'copy', name],
    );
    const { clipFile, sound } = await cut(await packaged(name), [0, 4_000]);
    const numbers = await numbersIn(clipFile);
    const black = numbers.indexOf(0);
    expect(numbers.slice(0, black)).toEqual(Array(black).fill(undefined));
    expect(numbers.slice(black)).toEqual(framesFrom(0, numbers.length - black));
    expect(Math.abs(black - 60)).toBeLessThanOrEqual(1);
    // The audio keeps its priming in these containers.
    expect(Math.abs(sound.offsetMs(1_500, 1_500 - 1024 / 48)!)).toBeLessThan(1);
  });

  it('are those of the video track that players choose', async () => {
    await ffmpeg(
      ...['-f', 'lavfi', '-i', 'testsrc2=s=64x64:r=30:d=20', '-i', 'whole.mp4'],
      ...['-map', '0:v', '-map', '1:v', '-map', '1:a', '-c', 'copy', '-c:v:0', 'libx264'],
      ...['-disposition:v:0', '0', '-disposition:v:1', 'default', 'second.mkv'],
    );
    const { clipFile } = await cut(await packaged('second.mkv'), [1_000, 2_000]);
    expect(await numbersIn(clipFile)).toEqual(framesFrom(30, 30));
  });
});

describe('audio with a picture', () => {
  it.each([
    ['cover.m4a', ['-c:a', 'copy', '-disposition:v', 'attached_pic']],
    ['cover.mp3', ['-c:a', 'libmp3lame', '-disposition:v', 'attached_pic']],
    ['cover.flac', ['-c:a', 'flac', '-disposition:v', 'attached_pic']],
    ['still.mkv', ['-c:a', 'copy']],
  ])('is audio alone: %s', async (name, options) => {
    await ffmpeg('-f', 'lavfi', '-i', 'testsrc2=s=100x100', '-frames:v', '1', 'cover.png');
    await ffmpeg(
      ...['-i', 'whole.mp4', '-i', 'cover.png', '-map', '0:a', '-map', '1:v', '-c:v', 'copy'],
      ...[...options, name],
    );
    const playlist = await packaged(name);
    const types = (await streamsOf(playlist)).map(({ codec_type }) => codec_type);
    expect(new Set(types)).toEqual(new Set(['audio']));
    const { sound } = await cut(playlist, [7_200, 9_000]);
    expect(Math.abs(sound.offsetMs(700, 7_900)!)).toBeLessThan(name === 'still.mkv' ? 22 : 1);
  });
});
