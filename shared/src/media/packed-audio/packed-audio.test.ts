import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NotCopyableError } from '../not-copyable.ts';
import { FileReader } from '../source/file-reader.ts';
import type { SoundPacket } from '../source/media-index.ts';
import { sniffContainer } from '../source/sniff-container.ts';
import { adtsHeader, readAdtsHeader } from './adts.ts';
import { indexPackedAudio } from './index-packed-audio.ts';
import { timeZeroOfPackedAudio } from './time-zero.ts';

const run = promisify(execFile);
const { signal } = new AbortController();

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'splicebus-packed-'));
});
afterAll(() => rm(folder, { recursive: true }));

let files = 0;
async function write(bytes: Buffer): Promise<string> {
  const file = join(folder, `${files++}.chunk`);
  await writeFile(file, bytes);
  return file;
}

/** Two seconds of a tone without a container. */
async function tone(format: string, encoder: readonly string[]): Promise<Buffer> {
  const file = join(folder, `${files++}.${format}`);
  const source = ['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000:duration=2'];
  const plain = format === 'mp3' ? ['-write_xing', '0', '-id3v2_version', '0'] : [];
  await run('ffmpeg', [
    ...['-v', 'error', '-y', ...source, '-c:a', ...encoder, ...plain, '-f', format, file],
  ]);
  return readFile(file);
}

/** The tag of RFC 8216, 3.4. */
function timeTag(ticks: bigint): Buffer {
  const owner = Buffer.from('com.apple.streaming.transportStreamTimestamp\0');
  const body = Buffer.alloc(owner.length + 8);
  owner.copy(body);
  body.writeBigUInt64BE(ticks, owner.length);
  const tag = Buffer.alloc(20);
  tag.write('ID3\x04', 0, 'latin1');
  tag[9] = 10 + body.length;
  tag.write('PRIV', 10, 'latin1');
  tag[17] = body.length;
  return Buffer.concat([tag, body]);
}

async function readAll(index: Awaited<ReturnType<typeof indexPackedAudio>>): Promise<Buffer> {
  const reader = new FileReader();
  try {
    const all: Buffer[] = [];
    for (const packet of index.sound!.packets) all.push(await index.sound!.read(reader, packet));
    return Buffer.concat(all);
  } finally {
    await reader.close();
  }
}

async function countPackets(file: string): Promise<number> {
  const entries = ['-show_entries', 'stream=nb_read_packets', '-of', 'csv=p=0'];
  const { stdout } = await run('ffprobe', ['-v', 'error', '-count_packets', ...entries, file]);
  return Number(stdout);
}

const spliced = (bytes: Buffer, from: number, to: number, more = Buffer.alloc(0)) =>
  Buffer.concat([bytes.subarray(0, from), more, bytes.subarray(to)]);

describe('packed audio', () => {
  it.each<[string, string[], number, number]>([
    ['adts', ['aac'], 0x0f, 1024],
    ['adts', ['aac', '-ar', '44100'], 0x0f, (1024 * 48) / 44.1],
    ['mp3', ['libmp3lame'], 0x03, 1152],
    ['mp3', ['libmp3lame', '-ar', '22050'], 0x03, (576 * 48) / 22.05],
    ['mp2', ['mp2'], 0x03, 1152],
    ['ac3', ['ac3'], 0x81, 1536],
    ['ac3', ['ac3', '-ar', '44100'], 0x81, (1536 * 48) / 44.1],
    ['eac3', ['eac3'], 0x87, 1536],
  ])('in %s by %s is found frame by frame', async (format, encoder, streamType, frame48) => {
    const bytes = await tone(format, encoder);
    const index = await indexPackedAudio([await write(bytes)], signal);
    const { sound } = index;
    expect(sound!.format.streamType).toBe(streamType);
    const times = sound!.packets.map(({ pts }) => pts);
    expect(times).toEqual(times.map((_, n) => Math.round((n * frame48 * 90) / 48)));
    expect(sound!.endPts).toBe(Math.round((times.length * frame48 * 90) / 48));
    expect((await readAll(index)).equals(bytes)).toBe(true);
    const plain = join(folder, `${files++}.${format}`);
    await writeFile(plain, bytes);
    expect(await countPackets(plain)).toBe(times.length);
  });

  it('has the times of its tags, and without one those that follow', async () => {
    const bytes = await tone('adts', ['aac']);
    const chunks = [
      await write(Buffer.concat([timeTag(900_000n), bytes])),
      await write(bytes),
      await write(Buffer.concat([timeTag(2_000_000n), bytes])),
    ];
    const { sound } = await indexPackedAudio(chunks, signal);
    const frames = sound!.packets.length / 3;
    const first = (file: number) => sound!.packets.find((packet) => packet.file === file)!;
    expect([0, 1, 2].map((file) => first(file).pts)).toEqual([
      900_000,
      900_000 + frames * 1920,
      2_000_000,
    ]);
    expect(sound!.endPts).toBe(2_000_000 + frames * 1920);
    expect(first(0).start).toBe(timeTag(0n).length);
  });

  it('goes on across the wrap of the clock', async () => {
    const bytes = await tone('adts', ['aac']);
    const start = 2n ** 33n - 90_000n;
    const frames = (await indexPackedAudio([await write(bytes)], signal)).sound!.packets.length;
    const next = (start + BigInt(frames * 1920)) % 2n ** 33n;
    const chunks = [start, next].map((ticks) => write(Buffer.concat([timeTag(ticks), bytes])));
    const { sound } = await indexPackedAudio(await Promise.all(chunks), signal);
    expect(sound!.packets.map(({ pts }) => pts)).toEqual(
      sound!.packets.map((_, n) => Number(start) + n * 1920),
    );
  });

  it('tells its time from its first bytes', async () => {
    const chunk = Buffer.concat([timeTag(123_456_789n), await tone('ac3', ['ac3'])]);
    expect(timeZeroOfPackedAudio(chunk.subarray(0, 200))).toBe(123_456_789);
    expect(timeZeroOfPackedAudio(chunk.subarray(0, 30))).toBeUndefined();
    expect(timeZeroOfPackedAudio(await tone('ac3', ['ac3']))).toBe(0);
  });

  it.each<[string, (bytes: Buffer) => Buffer]>([
    ['the chunks hold no sound', () => timeTag(0n)],
    ['the chunks hold no sound', () => Buffer.alloc(5_000, 'no sound')],
  ])('is refused where %s', async (reason, change) => {
    const chunk = await write(change(await tone('adts', ['aac'])));
    await expect(indexPackedAudio([chunk], signal)).rejects.toThrow(reason);
  });

  it.each<[string, number, (bytes: Buffer, frames: readonly SoundPacket[]) => Buffer]>([
    ['ends within a frame', 1, (bytes) => bytes.subarray(0, -3)],
    ['begins within a frame', 1, (bytes) => bytes.subarray(5)],
    ['lacks some bytes', 1, (bytes, all) => spliced(bytes, all[20]!.start + 9, all[20]!.end - 4)],
    ['lacks frames', 8, (bytes, all) => spliced(bytes, all[20]!.start + 9, all[27]!.start + 30)],
    ['lacks a header', 2, (bytes, all) => spliced(bytes, all[20]!.start - 2, all[20]!.start + 9)],
    [
      'holds something else',
      1,
      (bytes, all) => spliced(bytes, all[20]!.start, all[20]!.start, Buffer.alloc(3_000, 7)),
    ],
  ])('that %s is without what is damaged, all else at its time', async (_, lost, change) => {
    const bytes = await tone('adts', ['aac']);
    const { packets } = (await indexPackedAudio([await write(bytes)], signal)).sound!;
    const tagged = (all: Buffer, n: number) =>
      write(Buffer.concat([timeTag(BigInt(n * packets.length * 1920)), all]));
    const chunks = [tagged(bytes, 0), tagged(change(bytes, packets), 1), tagged(bytes, 2)];
    const { sound, findings } = await indexPackedAudio(await Promise.all(chunks), signal);
    const of = (file: number) => sound!.packets.filter((packet) => packet.file === file);
    const times = new Set(packets.map((_, n) => (packets.length + n) * 1920));
    expect(of(1)).toHaveLength(packets.length - lost);
    expect(of(1).every(({ pts }) => times.has(pts))).toBe(true);
    expect(new Set(of(1).map(({ pts }) => pts)).size).toBe(packets.length - lost);
    expect(of(2)[0]!.pts).toBe(2 * packets.length * 1920);
    expect(findings).toMatchObject([{ code: 'DAMAGE_CONCEALED' }]);
  });

  it('of two codecs is refused', async () => {
    const chunks = [await tone('adts', ['aac']), await tone('ac3', ['ac3'])].map(write);
    await expect(indexPackedAudio(await Promise.all(chunks), signal)).rejects.toThrow(
      'the codec of the sound changes',
    );
  });

  it('is read or refused, whatever bytes change', async () => {
    const bytes = Buffer.concat([timeTag(1n), await tone('mp3', ['libmp3lame'])]);
    const change = fc.tuple(fc.nat(2000), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 5 }), fc.nat(5000), async (all, length) => {
        const chunk = Buffer.from(bytes.subarray(0, length));
        for (const [at, value] of all) if (at < chunk.length) chunk[at] = value;
        timeZeroOfPackedAudio(chunk);
        const file = join(folder, 'hostile.chunk');
        await writeFile(file, chunk);
        const refused = await indexPackedAudio([file], signal).catch((error: unknown) => error);
        if (refused instanceof Error) expect(refused).toBeInstanceOf(NotCopyableError);
      }),
      { numRuns: 300 },
    );
  });
});

describe('an ADTS header', () => {
  it('is read as it was written', () => {
    const config = fc.record({
      objectType: fc.integer({ min: 1, max: 4 }),
      frequencyIndex: fc.integer({ min: 0, max: 12 }),
      channelConfig: fc.integer({ min: 0, max: 7 }),
    });
    fc.assert(
      fc.property(config, fc.integer({ min: 1, max: 8184 }), (config, rawBytes) => {
        const header = readAdtsHeader(adtsHeader(config, rawBytes), 0);
        expect(header).toMatchObject({ ...config, frameBytes: 7 + rawBytes, samples: 1024 });
      }),
    );
  });
});

describe('a container', () => {
  const packets = (count: number) =>
    Buffer.concat(
      Array.from({ length: count }, () => Buffer.concat([Buffer.from([0x47]), Buffer.alloc(187)])),
    );

  it.each<[string | undefined, string, Buffer]>([
    ['mpegts', 'two packets', packets(2)],
    ['mpegts', 'less than a packet', packets(1).subarray(0, 100)],
    [undefined, 'packets out of step', Buffer.concat([packets(1), Buffer.alloc(188)])],
    ['fmp4', 'a box', Buffer.from('\0\0\0\x18styp')],
    ['packed-audio', 'a tag', timeTag(0n)],
    ['packed-audio', 'ADTS', Buffer.from([0xff, 0xf1, 0x50, 0x80])],
    ['packed-audio', 'MP3', Buffer.from([0xff, 0xfb, 0x90, 0x00])],
    ['packed-audio', 'AC-3', Buffer.from([0x0b, 0x77, 0x00, 0x00])],
    [undefined, 'text', Buffer.from('WEBVTT\n\n00:00')],
    [undefined, 'nothing', Buffer.alloc(0)],
  ])('is known as %s by %s', (container, _, beginning) => {
    expect(sniffContainer(beginning)).toBe(container);
  });
});
