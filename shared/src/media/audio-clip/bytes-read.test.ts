import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mp3Output } from '../sound/encode-mp3.ts';
import { cutFile, encoded, MemoryIndex, makeVoice, repeated } from './audio-file.fixture.ts';

let folder: string;
let voice: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'splicebus-audio-'));
  voice = await makeVoice(folder);
});
afterAll(() => rm(folder, { recursive: true }));

const STEREO_44 = ['-ar', '44100', '-ac', '2'];
const AAC = [...STEREO_44, '-c:a', 'aac', '-b:a', '128k'];
const MP3 = [...STEREO_44, '-c:a', 'libmp3lame'];

describe('how much is read of a long file', () => {
  const LOOPS = 15;

  it.each<[string, readonly string[], string, number]>([
    ['AAC in MP4', AAC, 'm4a', 0.03],
    ['MP3', [...MP3, '-b:a', '128k'], 'mp3', 0.03],
    ['MP3 of a varying bit rate, once it has its index', [...MP3, '-q:a', '2'], 'mp3', 0.03],
    ['bare AAC, once it has its index', [...AAC, '-f', 'adts'], 'aac', 0.03],
  ])('%s: a small share, wherever the clip is', async (_, options, extension, most) => {
    const part = await encoded(voice, options, `part.${extension}`, folder);
    const file = await repeated(part, LOOPS, `long.${extension}`, folder);
    const { size } = await stat(file);
    const index = new MemoryIndex();
    await cutFile(file, { startMs: 0, endMs: 1_000 }, mp3Output, folder, index);
    const shares: number[] = [];
    for (const minute of [1, 15, 29]) {
      const span = { startMs: minute * 60_000, endMs: minute * 60_000 + 10_000 };
      const { bytesRead } = await cutFile(file, span, mp3Output, folder, index);
      shares.push(bytesRead / size);
    }
    expect(Math.max(...shares)).toBeLessThan(most);
    expect(Math.max(...shares) / Math.min(...shares)).toBeLessThan(1.3);
    expect(index.saves).toBeLessThanOrEqual(1);
  });
});
