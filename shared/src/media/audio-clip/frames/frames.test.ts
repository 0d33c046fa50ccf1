import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NotCopyableError } from '../../not-copyable.ts';
import { adtsHeader, readAdtsHeader } from '../../packed-audio/adts.ts';
import {
  cutSamples,
  decoded,
  differenceAt,
  encoded,
  MemoryIndex,
  makeVoice,
  VOICE_SECONDS,
} from '../audio-file.fixture.ts';
import { framesAt, indexFrames, parseFrameIndex } from './frame-index.ts';

let folder: string;
let voice: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'splicebus-audio-'));
  voice = await makeVoice(folder);
});
afterAll(() => rm(folder, { recursive: true }));

const END_MS = VOICE_SECONDS * 1000;
const MP3 = ['-ar', '44100', '-ac', '2', '-c:a', 'libmp3lame', '-b:a', '128k'];

/** A tag as players show it, empty but for its size. */
function id3Tag(bytes: number): Buffer {
  const header = Buffer.from([...Buffer.from('ID3'), 4, 0, 0, 0, 0, bytes >> 7, bytes & 0x7f]);
  return Buffer.concat([header, Buffer.alloc(bytes)]);
}

async function joined(name: string, ...parts: (string | Buffer)[]): Promise<string> {
  const file = join(folder, name);
  const bytes = parts.map((part) => (typeof part === 'string' ? readFile(part) : part));
  await writeFile(file, Buffer.concat(await Promise.all(bytes)));
  return file;
}

describe('MP3 that was joined of several files', () => {
  it('is cut to the sample, whatever tags lie between', async () => {
    const bare = [...MP3, '-write_xing', '0', '-id3v2_version', '0'];
    const part = await encoded(voice, bare, 'part.mp3', folder);
    const file = await joined('joined.mp3', part, id3Tag(5_000), part, id3Tag(300), part);
    // At a tag, FFmpeg loses a frame, and so the count.
    const whole = await decoded(await joined('seamless.mp3', part, part, part));
    const index = new MemoryIndex();
    for (const startMs of [30_005, END_MS + 30_005, 2 * END_MS + 60_000]) {
      const span = { startMs, endMs: startMs + 4_000 };
      const { heard } = await cutSamples(file, span, whole, folder, index);
      expect(differenceAt(heard, whole, startMs)).toBe(0);
    }
    expect(index.saves).toBe(1);
  });

  it('is as long as all of them, though its tag speaks of the first only', async () => {
    const part = await encoded(voice, MP3, 'tagged.mp3', folder);
    const whole = await decoded(part);
    const file = await joined('both.mp3', part, part);
    const span = { startMs: 30_005, endMs: 34_005 };
    const { sound, heard } = await cutSamples(file, span, whole, folder);
    expect(sound.reading).toBe('indexed');
    expect(differenceAt(heard, whole, span.startMs)).toBe(0);
    expect(sound.sampleCount).toBeGreaterThan(2 * whole.sampleCount);
  });
});

describe('the index of a file', () => {
  /** Frames of bare AAC with nothing in them. */
  const frame = adtsHeader({ objectType: 2, frequencyIndex: 4, channelConfig: 2 }, 93);
  const frames = (count: number) =>
    Buffer.concat(Array.from({ length: count }, () => Buffer.concat([frame, Buffer.alloc(93)])));
  const objectOf = (bytes: Buffer) => ({
    size: bytes.length,
    read: async (start: number, end: number) => bytes.subarray(start, end),
  });
  const index = (...parts: Buffer[]) =>
    indexFrames(objectOf(Buffer.concat(parts)), 0, readAdtsHeader);

  it('notes every 64th frame, and where the last one ends', async () => {
    expect(await index(frames(130))).toMatchObject({
      frameCount: 130,
      frameSamples: 1024,
      sampleRate: 44_100,
      places: [0, 6_400, 12_800],
      end: 13_000,
    });
  });

  it('leaves out tags, rubbish and what is cut off', async () => {
    const rubbish = Buffer.from([0xff, 0xf1, 1, 2, 3, 0xff, 0xff, 0xf1]);
    const made = await index(frames(64), id3Tag(400), frames(1), rubbish, frames(64), frame);
    expect(made).toMatchObject({ frameCount: 129, places: [0, 6_810, 6_910 + 8 + 6_300] });
  });

  it('goes on where requests part a frame or a tag', async () => {
    // Requests have 4 MB, of which 100 is no divisor.
    const many = frames(50_000);
    const made = await index(many, id3Tag(16_000), many);
    expect(made).toMatchObject({ frameCount: 100_000, end: 10_000_000 + 16_010 });
    expect(made.places[1000]).toBe(64_000 * 100 + 16_010);
  });

  it('finds whole stretches around frames', async () => {
    const made = await index(frames(130));
    expect(framesAt(made, 63, 64)).toEqual({ span: { start: 0, end: 12_800 }, firstFrame: 0 });
    expect(framesAt(made, 64, 129)).toEqual({
      span: { start: 6_400, end: 13_000 },
      firstFrame: 64,
    });
    expect(framesAt(made, 500, 600)).toEqual({
      span: { start: 12_800, end: 13_000 },
      firstFrame: 128,
    });
  });

  it('is not made of frames that differ in length, or of none', async () => {
    const header = adtsHeader({ objectType: 2, frequencyIndex: 3, channelConfig: 2 }, 93);
    const other = Buffer.concat([header, Buffer.alloc(93)]);
    await expect(index(frames(3), other, other)).rejects.toThrow(NotCopyableError);
    await expect(index(Buffer.alloc(1000))).rejects.toThrow(NotCopyableError);
  });

  it('is read as it was written, and nothing else is taken for one', async () => {
    const made = await index(frames(130));
    expect(parseFrameIndex(JSON.stringify(made))).toEqual(made);
    for (const text of ['', '[]', '{}', JSON.stringify({ ...made, version: 2 })]) {
      expect(parseFrameIndex(text)).toBeUndefined();
    }
  });
});
