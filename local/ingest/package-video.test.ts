import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { listenTo, numbersIn } from '#shared/media/sources/judged.fixture';
import { withEditLists } from './edited.fixture.ts';
import {
  cut,
  DELAY,
  FPS,
  FRAME,
  ffmpeg,
  framesFrom,
  inFolder,
  packaged,
  streamsOf,
  UNITS,
  useSample,
} from './packaging.fixture.ts';

useSample();

async function firstFrameOf(playlist: string): Promise<Record<string, unknown>> {
  const { stdout } = await promisify(execFile)('ffprobe', [
    ...['-v', 'error', '-select_streams', 'v', '-read_intervals', '%+#1', '-of', 'json'],
    ...['-show_entries', 'frame=interlaced_frame,top_field_first', '-i', playlist],
  ]);
  return JSON.parse(stdout).frames[0];
}

describe('what a player shows is the episode:', () => {
  it('all of it, copied, where the edit list only skips what decoders need', async () => {
    const playlist = await packaged('whole.mp4');
    const { clipFile, sound } = await cut(playlist, [1_000, 3_000]);
    expect(await numbersIn(clipFile)).toEqual(framesFrom(30, 60));
    expect(Math.abs(sound.offsetMs(500, 1_500)!)).toBeLessThan(1);
    const packets = async (file: string) => {
      const { stdout } = await promisify(execFile)('ffprobe', [
        ...['-v', 'error', '-select_streams', 'v', '-count_packets', '-of', 'csv=p=0'],
        ...['-show_entries', 'stream=nb_read_packets', '-i', file],
      ]);
      return Number.parseInt(stdout, 10);
    };
    expect(await packets(playlist)).toBe(await packets(inFolder('whole.mp4')));
  });

  it.each([3.3, 4.97])('without what was trimmed off, %s s', async (seconds) => {
    const name = `trimmed-${seconds}.mp4`;
    await ffmpeg('-ss', String(seconds), '-i', 'whole.mp4', '-c', 'copy', name);
    const shown = (await numbersIn(inFolder(name))) as number[];
    expect(shown[0]).toBe(Math.ceil(seconds * FPS - 0.01));
    const { clipFile, sound } = await cut(await packaged(name), [1_000, 3_000]);
    expect(await numbersIn(clipFile)).toEqual(framesFrom(shown[30]!, 60));
    const episodeMs = (shown[30]! * 1000) / FPS + 500;
    // FFmpeg itself cuts frames and audio at times of their own.
    const source = await listenTo(inFolder(name));
    const ofSource = source.offsetMs(1_500, episodeMs)!;
    expect(Math.abs(sound.offsetMs(500, episodeMs)! - ofSource)).toBeLessThan(1);
  });

  // Frames 40 to 84, 100 to 129, 10 to 39, of which only the first begins beside a key frame.
  const STRETCHES = [
    [40, 45],
    [100, 30],
    [10, 30],
  ] as const;
  const movie = (frames: number) => (frames * UNITS.movie) / FPS;
  const videoEdits = STRETCHES.map(
    ([first, count]) => [movie(count), (first + DELAY) * FRAME] as [number, number],
  );
  const audioEdits = STRETCHES.map(
    ([first, count]) => [movie(count), 1024 + (first * UNITS.audio) / FPS] as [number, number],
  );

  it('several stretches in any order, audio to a millisecond', async () => {
    await withEditLists(inFolder('whole.mp4'), inFolder('edited.mp4'), [videoEdits, audioEdits]);
    const { clipFile, sound } = await cut(await packaged('edited.mp4'), [0, 3_500]);
    expect(await numbersIn(clipFile)).toEqual(
      STRETCHES.flatMap(([first, count]) => framesFrom(first, count)),
    );
    let clipMs = 0;
    for (const [first, count] of STRETCHES) {
      const episodeMs = (first * 1000) / FPS + 300;
      expect(Math.abs(sound.offsetMs(clipMs + 300, episodeMs)!)).toBeLessThan(1);
      clipMs += (count * 1000) / FPS;
    }
  });

  it('black before a video that comes late, for as long as a player waits', async () => {
    const all = movie(15 * FPS);
    await withEditLists(inFolder('whole.mp4'), inFolder('late.mp4'), [
      [
        [movie(40), -1],
        [all, DELAY * FRAME],
      ],
      [[all, 1024]],
    ]);
    const { clipFile, sound } = await cut(await packaged('late.mp4'), [1_000, 3_000]);
    const numbers = await numbersIn(clipFile);
    expect(numbers).toHaveLength(60);
    expect(numbers.slice(0, 10)).toEqual(Array(10).fill(undefined));
    expect(numbers.slice(10)).toEqual(framesFrom(0, 50));
    expect(Math.abs(sound.offsetMs(500, 1_500)!)).toBeLessThan(1);
  });

  it('refused where a stretch is shown at another speed', async () => {
    await withEditLists(inFolder('whole.mp4'), inFolder('slow.mp4'), [
      [[movie(60), DELAY * FRAME, 0]],
      [[movie(60), 1024]],
    ]);
    await expect(packaged('slow.mp4')).rejects.toThrow(/slow\.mp4 shows some of itself at another/);
  });
});

describe('frames', () => {
  const testSource = (size = '320x180') => ['-f', 'lavfi', '-i', `testsrc2=s=${size}:r=25:d=2`];
  const TOP_FIRST = ['-vf', 'tinterlace=interleave_top,setfield=tff', '-flags', '+ilme+ildct'];

  it.each<[string, string, string[], object]>([
    [
      'HEVC of 10 bits is copied',
      'hevc.mp4',
      ['-c:v', 'libx265', '-x265-params', 'log-level=none', '-pix_fmt', 'yuv420p10le'],
      { codec_name: 'hevc', pix_fmt: 'yuv420p10le' },
    ],
    [
      'HDR in H.264 stays so',
      'hdr.mp4',
      [
        ...['-c:v', 'libx264', '-pix_fmt', 'yuv420p10le', '-color_primaries', 'bt2020'],
        ...['-color_trc', 'smpte2084', '-colorspace', 'bt2020nc'],
      ],
      { codec_name: 'h264', pix_fmt: 'yuv420p10le', color_transfer: 'smpte2084' },
    ],
    [
      'interlaced H.264 is copied',
      'interlaced.mp4',
      ['-c:v', 'libx264', ...TOP_FIRST, '-pix_fmt', 'yuv420p'],
      { codec_name: 'h264', interlaced_frame: 1, top_field_first: 1 },
    ],
    [
      'other interlaced video stays interlaced',
      'dvd.mkv',
      ['-c:v', 'mpeg2video', '-q:v', '3', ...TOP_FIRST, '-pix_fmt', 'yuv420p'],
      { codec_name: 'h264', interlaced_frame: 1, top_field_first: 1 },
    ],
    [
      'other video of 10 bits keeps them',
      'prores.mov',
      ['-c:v', 'prores_ks', '-pix_fmt', 'yuv422p10le'],
      { codec_name: 'h264', pix_fmt: 'yuv420p10le' },
    ],
    [
      'other video of full range keeps it',
      'mjpeg.mov',
      ['-c:v', 'mjpeg', '-pix_fmt', 'yuvj420p', '-q:v', '3'],
      { codec_name: 'h264', pix_fmt: 'yuvj420p', color_range: 'pc' },
    ],
  ])('%s', async (_, name, encoder, expected) => {
    await ffmpeg(...testSource(), ...encoder, name);
    const playlist = await packaged(name);
    const [stream] = await streamsOf(playlist);
    const shown = { ...stream, ...(await firstFrameOf(playlist)) };
    expect(shown).toMatchObject({ width: 320, height: 180, ...expected });
  });
});

describe('audio', () => {
  const voice = (channels: number, ...encoder: string[]) => [
    ...['-i', 'whole.mp4', '-map', '0:a', '-ac', String(channels), ...encoder],
  ];

  it.each<[string, string, string[], object]>([
    ['AAC 5.1 is copied', 'aac51.mp4', ['-c:a', 'aac'], { codec_name: 'aac', channels: 6 }],
    ['AC-3 5.1 is copied', 'ac3.mp4', ['-c:a', 'ac3'], { codec_name: 'ac3', channels: 6 }],
    ['E-AC-3 is copied', 'eac3.mp4', ['-c:a', 'eac3'], { codec_name: 'eac3', channels: 6 }],
    ['other 5.1 stays 5.1', 'flac.mkv', ['-c:a', 'flac'], { codec_name: 'aac', channels: 6 }],
  ])('%s', async (_, name, encoder, expected) => {
    await ffmpeg(...voice(6, '-map', '0:v', '-c:v', 'copy', ...encoder), name);
    const streams = await streamsOf(await packaged(name));
    expect(streams).toContainEqual(expect.objectContaining(expected));
  });

  it.each<[string, string[]]>([
    ['alone.m4a', ['-c:a', 'copy']],
    ['alone.aac.mp4', ['-c:a', 'aac', '-ar', '44100']],
    ['alone.wav', []],
    ['alone.flac', []],
    ['alone.mp3', ['-c:a', 'libmp3lame']],
  ])('alone is an episode whose times are a player’s: %s', async (name, encoder) => {
    await ffmpeg('-i', 'whole.mp4', '-vn', ...encoder, name);
    const playlist = await packaged(name);
    const { sound } = await cut(playlist, [7_200, 9_000]);
    expect(Math.abs(sound.offsetMs(700, 7_900)!)).toBeLessThan(1);
    const { sound: first } = await cut(playlist, [0, 1_500]);
    expect(Math.abs(first.offsetMs(700, 700)!)).toBeLessThan(1);
  });

  it.each(['alone.ts', 'alone.aac'])(
    'alone, which says nothing of priming, is all heard: %s',
    async (name) => {
      await ffmpeg('-i', 'whole.mp4', '-vn', '-c:a', 'copy', name);
      const { sound } = await cut(await packaged(name), [7_200, 9_000]);
      const primingMs = (1024 * 1000) / UNITS.audio;
      expect(Math.abs(sound.offsetMs(700, 7_900)! - primingMs)).toBeLessThan(1);
    },
  );

  it('alone is silent before what comes late, and without what was trimmed off', async () => {
    await ffmpeg('-i', 'whole.mp4', '-vn', '-c:a', 'copy', '-movie_timescale', '48000', 'one.m4a');
    const seconds = (count: number) => count * UNITS.audio;
    await withEditLists(inFolder('one.m4a'), inFolder('late.m4a'), [
      [
        [seconds(2), -1],
        [seconds(10), 1024],
      ],
    ]);
    const late = await cut(await packaged('late.m4a'), [1_000, 4_000]);
    expect(late.sound.loudest(0, 950)).toBeLessThan(0.002);
    expect(Math.abs(late.sound.offsetMs(1_500, 500)!)).toBeLessThan(1);
    await withEditLists(inFolder('one.m4a'), inFolder('cut.m4a'), [
      [
        [seconds(2), 1024 + seconds(5)],
        [seconds(4), 1024 + seconds(1)],
      ],
    ]);
    const { sound } = await cut(await packaged('cut.m4a'), [1_000, 4_000]);
    expect(Math.abs(sound.offsetMs(500, 6_500)!)).toBeLessThan(1);
    expect(Math.abs(sound.offsetMs(1_500, 1_500)!)).toBeLessThan(1);
  });

  it('of several tracks is packaged apart, by language and name, in time with the frames', async () => {
    await ffmpeg(
      ...['-i', 'whole.mp4', '-f', 'lavfi', '-i', 'sine=r=48000:d=20'],
      ...['-map', '0:v', '-map', '1:a', '-map', '0:a', '-map', '1:a', '-c', 'copy'],
      ...['-c:a:0', 'aac', '-c:a:2', 'aac', '-movie_timescale', '48000', '-ac:a:2', '1'],
      ...['-metadata:s:a:0', 'language=eng', '-metadata:s:a:1', 'language=ger'],
      ...['-metadata:s:a:1', 'handler_name=x', '-metadata:s:a:2', 'title=Say "hello"'],
      ...['-disposition:a:0', '0', '-disposition:a:1', 'default', 'tracks.mkv'],
    );
    const playlist = await packaged('tracks.mkv');
    const master = readFileSync(playlist, 'utf8');
    expect(master.split('\n').filter((line) => line.startsWith('#EXT-X-MEDIA'))).toEqual([
      expect.stringMatching(/NAME="eng",LANGUAGE="eng",DEFAULT=NO,.*URI="audio-0\.m3u8"/),
      expect.stringMatching(/NAME="ger",LANGUAGE="ger",DEFAULT=YES,.*URI="audio-1\.m3u8"/),
      expect.stringMatching(/NAME="Say {2}hello",DEFAULT=NO,.*CHANNELS="1",URI="audio-2\.m3u8"/),
    ]);
    const track = (name: string) => join(dirname(playlist), `${name}.m3u8`);
    const { clipFile, sound } = await cut(track('video'), [5_200, 7_100], track('audio-1'));
    expect(await numbersIn(clipFile)).toEqual(framesFrom(156, 57));
    expect(Math.abs(sound.offsetMs(700, 5_900)!)).toBeLessThan(1);
  });

  it('of several tracks alone begins with the default one', async () => {
    await ffmpeg(
      ...['-i', 'whole.mp4', '-f', 'lavfi', '-i', 'sine=r=48000:d=20'],
      ...['-map', '1:a', '-map', '0:a', '-c:a', 'aac', '-metadata:s:a:1', 'language=deu'],
      ...['-disposition:a:0', '0', '-disposition:a:1', 'default', 'tracks.m4a'],
    );
    const master = readFileSync(await packaged('tracks.m4a'), 'utf8');
    expect(master).toMatch(/#EXT-X-STREAM-INF:.*CODECS="mp4a\.40\.2",AUDIO="audio"\naudio-1\.m3u8/);
  });
});

it('what cannot be packaged is refused in one line for people', async () => {
  writeFileSync(inFolder('notes.mp4'), 'This is no video.');
  await expect(packaged('notes.mp4')).rejects.toThrow(/^\S+notes\.mp4 cannot be packaged[^\n]+$/);
  await ffmpeg(
    ...['-i', 'whole.mp4', '-c', 'copy', '-encryption_scheme', 'cenc-aes-ctr'],
    ...['-encryption_key', '0'.repeat(32), '-encryption_kid', '0'.repeat(32), 'locked.mp4'],
  );
  await expect(packaged('locked.mp4')).rejects.toThrow(/locked\.mp4 is encrypted/);
  writeFileSync(inFolder('a.srt'), '1\n00:00:00,000 --> 00:00:01,000\nHello\n');
  await expect(packaged('a.srt')).rejects.toThrow(/a\.srt holds neither video nor audio/);
});
