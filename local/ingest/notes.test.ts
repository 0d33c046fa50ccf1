import { writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { ffmpeg, inFolder, packagedWithNotes, useSample } from './packaging.fixture.ts';

useSample();

const SECOND = ['-f', 'lavfi', '-i', 'testsrc2=s=320x180:r=25:d=1'];
const tone = (rate: number) => ['-f', 'lavfi', '-i', `sine=r=${rate}:d=1`];

const notesOf = async (name: string) => (await packagedWithNotes(name)).notes;

describe('what packaging loses is said in one line each:', () => {
  it.each<[string, string, string[], string[]]>([
    ['nothing', 'plain.mp4', ['-i', 'whole.mp4', '-c', 'copy'], []],
    [
      'nothing of HEVC of 10 bits',
      'ten.mp4',
      [...SECOND, '-c:v', 'libx265', '-x265-params', 'log-level=none', '-pix_fmt', 'yuv420p10le'],
      [],
    ],
    [
      'colour of 4:2:2',
      'color.mkv',
      [...SECOND, '-c:v', 'libx264', '-pix_fmt', 'yuv422p'],
      ['Colour detail of the video is reduced from 4:2:2 to 4:2:0.'],
    ],
    [
      'colour of RGB',
      'rgb.mkv',
      [...SECOND, '-c:v', 'ffv1', '-pix_fmt', 'gbrp'],
      ['Colour detail of the video is reduced from RGB to 4:2:0.'],
    ],
    [
      'transparency, and more than 10 bits',
      'prores.mov',
      [...SECOND, '-c:v', 'prores_ks', '-pix_fmt', 'yuva444p10le'],
      [
        'Colour detail of the video is reduced from 4:4:4 to 4:2:0.',
        'The video is reduced from 12 bits to 10.',
        'The video loses its transparency.',
      ],
    ],
    [
      'bits of RGB',
      'deep.mov',
      [...SECOND, '-c:v', 'png', '-pix_fmt', 'rgb48be'],
      [
        'Colour detail of the video is reduced from RGB to 4:2:0.',
        'The video is reduced from 16 bits to 10.',
      ],
    ],
    [
      'transparency of VP9',
      'alpha.webm',
      [...SECOND, '-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-pix_fmt', 'yuva420p'],
      ['The video loses its transparency.'],
    ],
    [
      'odd sides',
      'odd.mkv',
      ['-f', 'lavfi', '-i', 'testsrc=s=321x181:d=1', '-c:v', 'ffv1', '-pix_fmt', 'yuv420p'],
      ['The video becomes 320x180 instead of 321x181: H.264 needs even sides.'],
    ],
    [
      'a high sample rate',
      'high.wav',
      tone(96_000),
      ['The audio is reduced from 96 kHz to 48 kHz.'],
    ],
    [
      'a high sample rate that is copied',
      'high.m4a',
      [...tone(88_200), '-c:a', 'aac'],
      ['Clips have audio of 48 kHz instead of 88.2 kHz, unless --audio copy keeps it.'],
    ],
    [
      'of which audio track',
      'second.mkv',
      [...tone(48_000), ...tone(96_000), '-map', '0', '-map', '1', '-c:a', 'flac'],
      ['Audio track 1 is reduced from 96 kHz to 48 kHz.'],
    ],
    [
      'channels',
      'many.wav',
      [...tone(48_000), '-af', 'pan=16c|c0=c0|c9=c0'],
      ['The audio is reduced from 16 channels to 8.'],
    ],
    [
      'the cover of audio',
      'cover.mp3',
      [
        ...[...tone(48_000), ...SECOND, '-map', '0', '-map', '1', '-frames:v', '1'],
        ...['-c:v', 'mjpeg', '-disposition:v', 'attached_pic', '-c:a', 'libmp3lame'],
      ],
      ["The file's cover picture is left out."],
    ],
    [
      'a still',
      'still.mkv',
      [...tone(48_000), ...SECOND, '-map', '0', '-map', '1', '-frames:v', '1', '-c:v', 'mjpeg'],
      ["The file's single frame is left out."],
    ],
    [
      'other tracks',
      'tracks.mkv',
      [
        ...['-i', 'whole.mp4', '-i', 'a.srt', '-i', 'a.srt', ...SECOND],
        ...['-map', '0', '-map', '1', '-map', '2', '-map', '3', '-c', 'copy', '-c:v:1', 'libx264'],
        ...['-bsf:a', 'aac_adtstoasc', '-disposition:v:1', '0'],
        ...['-attach', 'a.srt', '-metadata:s:t', 'mimetype=text/plain'],
      ],
      [
        "The file's other video track is left out.",
        "The file's 2 subtitle tracks are left out.",
        "The file's attachment is left out.",
        expect.stringMatching(/^The video begins \d+ ms after the audio: the episode begins with/),
      ],
    ],
    [
      'a time code',
      'timecode.mov',
      ['-i', 'whole.mp4', '-c', 'copy', '-timecode', '01:00:00:00'],
      ["The file's data track is left out."],
    ],
  ])('%s', async (_, name, options, expected) => {
    await writeFile(inFolder('a.srt'), '1\n00:00:00,000 --> 00:00:01,000\nHello\n');
    await ffmpeg(...options, '-strict', '-2', name);
    expect(await notesOf(name)).toEqual(expected);
  });
});
