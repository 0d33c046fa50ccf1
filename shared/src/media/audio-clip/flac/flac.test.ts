import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cutSamples, decoded, differenceAt, encoded, makeVoice } from '../audio-file.fixture.ts';
import { frameSampleAt } from './frame-header.ts';
import type { StreamInfo } from './stream-info.ts';

let folder: string;
let voice: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'splicebus-flac-'));
  voice = await makeVoice(folder);
});
afterAll(() => rm(folder, { recursive: true }));

it('is cut to the sample where silence and noise make its frames very small and very large', async () => {
  const parts = ['anullsrc=r=48000:cl=mono:d=120', 'anoisesrc=r=48000:d=120:seed=1'];
  const inputs = parts.flatMap((part) => ['-f', 'lavfi', '-i', part]);
  const join3 = ['-filter_complex', '[1][0][2][1]concat=n=4:v=0:a=1'];
  const file = await encoded(voice, [...inputs, ...join3, '-c:a', 'flac'], 'uneven.flac', folder);
  const whole = await decoded(file);
  for (const startMs of [60_005, 119_000, 180_005, 239_000, 300_005, 359_000, 420_000]) {
    const { bytesRead, reads, heard, sound } = await cutSamples(
      file,
      { startMs, endMs: startMs + 2_000 },
      whole,
      folder,
    );
    expect(sound.reading).toBe('ranges');
    expect(differenceAt(heard, whole, startMs)).toBe(0);
    expect(bytesRead).toBeLessThan(2e6);
    expect(reads).toBeLessThan(40);
  }
});

/** Polynomial x⁸ + x² + x + 1, as RFC 9639, 9.1.8 has it. */
function withChecksum(bytes: readonly number[]): Buffer {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = ((crc << 1) ^ (crc & 0x80 ? 0x107 : 0)) & 0xff;
  }
  return Buffer.concat([Buffer.from([...bytes, crc]), Buffer.alloc(16)]);
}

describe('the header of a frame', () => {
  const info = { channels: 2, bitsPerSample: 16, frameSamples: 4096 } as StreamInfo;
  /** 4096 samples of the stream's own rate, left and right, 16 bits. */
  const FORM = [0xc0, 0x18];

  it.each<[string, number[], number]>([
    ['the first frame', [0xff, 0xf8, ...FORM, 0], 0],
    ['frame 127', [0xff, 0xf8, ...FORM, 0x7f], 127 * 4096],
    ['frame 128, in two bytes', [0xff, 0xf8, ...FORM, 0xc2, 0x80], 128 * 4096],
    ['a frame of a varying size', [0xff, 0xf9, ...FORM, 0xe1, 0x88, 0xb4], 0x1234],
    ['a sample in seven bytes', [0xff, 0xf9, ...FORM, 0xfe, ...Array(6).fill(0xbf)], 2 ** 36 - 1],
    ['a size of its own', [0xff, 0xf9, 0x70, 0x18, 5, 0x0f, 0xff], 5],
    ['a rate of its own', [0xff, 0xf9, 0xcc, 0x18, 5, 48], 5],
  ])('tells which sample it begins with: %s', (_, bytes, sample) => {
    expect(frameSampleAt(withChecksum(bytes), 0, info)).toBe(sample);
  });

  it.each<[string, number[]]>([
    ['no sync code', [0xff, 0xfa, ...FORM, 0]],
    ['other channels', [0xff, 0xf8, 0xc0, 0x08, 0]],
    ['other bits', [0xff, 0xf8, 0xc0, 0x1c, 0]],
    ['reserved bits', [0xff, 0xf8, 0xc0, 0x19, 0]],
    ['a reserved size', [0xff, 0xf8, 0x00, 0x18, 0]],
    ['a number that is none', [0xff, 0xf8, ...FORM, 0x80]],
  ])('is not taken from %s', (_, bytes) => {
    expect(frameSampleAt(withChecksum(bytes), 0, info)).toBeUndefined();
  });

  it('is not taken from bytes with a wrong checksum, or that are cut off', () => {
    const bytes = withChecksum([0xff, 0xf8, ...FORM, 0]);
    expect(frameSampleAt(bytes.subarray(0, 8), 0, info)).toBeUndefined();
    bytes[5]! ^= 1;
    expect(frameSampleAt(bytes, 0, info)).toBeUndefined();
  });
});
