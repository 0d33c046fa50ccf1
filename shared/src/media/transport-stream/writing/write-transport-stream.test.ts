import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FileReader } from '../../source/file-reader.ts';
import type { MediaIndex } from '../../source/media-index.ts';
import {
  decodedHash,
  encoded,
  indexOf,
  probed,
  save,
  written,
} from '../transport-stream.fixture.ts';
import type { TimedPacket } from './write-transport-stream.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'splicebus-ts-write-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** All that an index lists, with its bytes, in the order it is due. */
async function packetsOf({ pictures, sound }: MediaIndex): Promise<TimedPacket[]> {
  const reader = new FileReader();
  const packets: TimedPacket[] = [];
  for (const unit of pictures?.units ?? []) {
    const bytes = await pictures!.read(reader, unit);
    const dts = 10_000 + packets.length * 3000;
    packets.push({ stream: 'video', bytes, pts: unit.pts, dts, isKey: unit.isKey });
  }
  for (const packet of sound?.packets ?? []) {
    const bytes = await sound!.read(reader, packet);
    packets.push({ stream: 'sound', bytes, pts: packet.pts });
  }
  await reader.close();
  return packets.sort((a, b) => (a.dts ?? a.pts) - (b.dts ?? b.pts));
}

/** What an index says, but for where it lies. */
const content = ({ pictures, sound }: MediaIndex) => ({
  pictures: pictures?.units.map(({ file: _, start: __, end: ___, ...unit }) => unit),
  sound: sound?.packets.map(({ pts }) => pts),
  endPts: sound?.endPts,
  format: sound?.format,
});

const VIDEO = {
  'H.264': ['-c:v', 'libx264', '-preset', 'ultrafast', '-bf', '2', '-g', '40'],
  HEVC: ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=error:keyint=40'],
  none: ['-vn'],
};
const SOUND = {
  AAC: ['-c:a', 'aac'],
  'AC-3': ['-c:a', 'ac3'],
  'E-AC-3': ['-c:a', 'eac3'],
  MP3: ['-c:a', 'libmp3lame'],
  MP2: ['-c:a', 'mp2'],
  Opus: ['-c:a', 'libopus'],
  none: ['-an'],
};

describe('what is written', () => {
  it.each<[keyof typeof VIDEO, keyof typeof SOUND]>([
    ['H.264', 'AAC'],
    ['H.264', 'AC-3'],
    ['H.264', 'Opus'],
    ['H.264', 'none'],
    ['HEVC', 'MP3'],
    ['HEVC', 'E-AC-3'],
    ['none', 'AAC'],
    ['none', 'AC-3'],
    ['none', 'E-AC-3'],
    ['none', 'MP3'],
    ['none', 'MP2'],
    ['none', 'Opus'],
  ])('is read back by us and by FFmpeg: video %s, sound %s', async (video, sound) => {
    const source = await encoded(folder, 'source.ts', [...VIDEO[video], ...SOUND[sound]]);
    const index = await indexOf(source);
    const packets = await packetsOf(index);
    const streams = { video: index.pictures?.codec, sound: index.sound?.format };
    const file = await save(folder, 'written.ts', await written(packets, streams));

    const again = await indexOf(file);
    expect(content(again)).toEqual(content(index));
    const bytes = ({ stream, bytes }: TimedPacket) => [stream, bytes.toString('latin1')];
    expect((await packetsOf(again)).map(bytes)).toEqual(packets.map(bytes));

    for (const stream of ['v', 'a'] as const) {
      if ((stream === 'v' ? video : sound) === 'none') continue;
      const times = async (path: string) => (await probed(path, stream)).map(({ pts }) => pts);
      expect(await times(file)).toEqual(await times(source));
      expect(await decodedHash(file, stream)).toBe(await decodedHash(source, stream));
    }
  });
});
