import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MediaWork } from '../ffmpeg/media-work.ts';
import { encoded, MemoryIndex, makeVoice } from './audio-file.fixture.ts';
import { cutAudio } from './cut-audio.ts';
import { openAudio } from './open-audio.ts';

let folder: string;
let voice: string;
let server: Server;
let host: string;
/** What the host was asked for. */
const requests: string[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'splicebus-audio-'));
  voice = await makeVoice(folder);
  server = createServer((request, response) => {
    requests.push(request.url ?? '');
    response.end();
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

/** Cuts two seconds out of a file of these bytes. */
async function cut(bytes: Buffer): Promise<void> {
  const object = {
    size: bytes.length,
    read: async (start: number, end: number) => bytes.subarray(start, end),
  };
  const work = new MediaWork(folder, new AbortController().signal);
  const sound = await openAudio(object, new MemoryIndex(), work);
  const span = { startMs: 100_000, endMs: 102_000 };
  await cutAudio(sound, span, ['-f', 'wav', '-y', join(folder, 'clip')], work);
}

const hls = () => `#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n${host}/a.ts\n#EXT-X-ENDLIST\n`;

/** An empty tag, and so many bytes of it. */
const TAG = Buffer.from('ID3\x04\0\0\0\0\0\0', 'latin1');

describe('a file that is no sound', () => {
  it.each<[string, () => Buffer]>([
    ['text', () => Buffer.from('not a sound')],
    ['a playlist of another host', () => Buffer.from(hls())],
    ['a playlist behind a tag', () => Buffer.concat([TAG, Buffer.from(hls())])],
    ['a playlist behind the mark of Ogg', () => Buffer.from(`OggS${hls()}`)],
    ['a playlist behind the mark of MP4', () => Buffer.from(`\0\0\0\x08ftyp${hls()}`)],
    ['a playlist behind the mark of FLAC', () => Buffer.from(`fLaC${hls()}`)],
    ['a list of files', () => Buffer.from(`ffconcat version 1.0\nfile '${voice}'\n`)],
    ['a tag that never ends', () => Buffer.from('ID3\x04\0\0\x7f\x7f\x7f\x7f', 'latin1')],
    ['a WAV without samples', () => Buffer.from('RIFF\x04\0\0\0WAVE', 'latin1')],
    ['a WAV of nothing but its header', () => Buffer.from('RIFF\x04\0\0\0WAVEdata', 'latin1')],
  ])('%s is called undecodable, and opens nothing', async (_, bytes) => {
    requests.length = 0;
    await expect(cut(bytes())).rejects.toMatchObject({ code: 'AUDIO_UNDECODABLE' });
    expect(requests).toEqual([]);
  });

  it('but pictures is called undecodable', async () => {
    const picture = ['-f', 'lavfi', '-i', 'testsrc2=s=64x64:r=5:d=2', '-map', '1:v'];
    const file = await encoded(voice, [...picture, '-c:v', 'libx264'], 'silent.mp4', folder);
    await expect(cut(await readFile(file))).rejects.toMatchObject({
      code: 'AUDIO_UNDECODABLE',
      message: expect.stringContaining('it holds no sound'),
    });
  });
});

describe('a file that is cut off', () => {
  it.each<[string, readonly string[], string]>([
    ['MP4, header first', ['-c:a', 'aac', '-movflags', '+faststart'], 'cut.m4a'],
    ['MP4, header last', ['-c:a', 'aac'], 'headless.m4a'],
  ])('is called undecodable: %s', async (_, options, name) => {
    const bytes = await readFile(await encoded(voice, options, name, folder));
    const half = bytes.subarray(0, bytes.length / 2);
    await expect(cut(half)).rejects.toMatchObject({ code: 'AUDIO_UNDECODABLE' });
  });
});
