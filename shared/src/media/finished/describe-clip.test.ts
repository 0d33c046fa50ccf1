import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { MediaWork } from '../ffmpeg/media-work.ts';
import { useFolder } from '../sources/judged.fixture.ts';
import { describeClip } from './describe-clip.ts';

const folder = useFolder();
const PICTURES = ['-f', 'lavfi', '-i', 'testsrc=s=352x288:r=30000/1001:d=1.1'];
const SOUND = ['-f', 'lavfi', '-i', 'sine=sample_rate=44100:d=1.1'];

async function described(
  args: readonly string[],
  length: { frameCount: number; durationTicks: number },
) {
  const file = join(folder.path, 'clip.mp4');
  await promisify(execFile)('ffmpeg', ['-v', 'error', '-y', ...args, '-pix_fmt', 'yuv420p', file]);
  return describeClip(file, length, new MediaWork(folder.path, new AbortController().signal));
}

it('tells codecs as players know them, and the size that is shown', async () => {
  const encoder = [
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-profile:v',
    'baseline',
    '-level',
    '3',
  ];
  const shape = ['-vf', 'setsar=16/11'];
  const args = [...PICTURES, ...SOUND, ...shape, ...encoder, '-c:a', 'aac', '-ac', '1'];
  expect(await described(args, { frameCount: 33, durationTicks: 33 * 3_003 })).toEqual({
    video: { codec: 'avc1.42c01e', width: 512, height: 288, frameRate: 29.97 },
    audio: { codec: 'mp4a.40.2', sampleRate: 44_100, channels: 1 },
  });
});

it('leaves out what is not there', async () => {
  const silent = await described([...PICTURES, '-c:v', 'libx264'], {
    frameCount: 33,
    durationTicks: 99_099,
  });
  expect(Object.keys(silent)).toEqual(['video']);
  const heard = await described([...SOUND, '-c:a', 'aac'], {
    frameCount: 0,
    durationTicks: 99_000,
  });
  expect(heard).toEqual({ audio: { codec: 'mp4a.40.2', sampleRate: 44_100, channels: 1 } });
});
