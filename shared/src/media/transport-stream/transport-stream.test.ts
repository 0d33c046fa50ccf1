import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NotCopyableError, UnusualPackingError } from '../not-copyable.ts';
import { FileReader } from '../source/file-reader.ts';
import { readTimestamp, ticksBetween, wrapped, writeTimestamp } from './clock.ts';
import { PACKET_BYTES } from './packets/packets.ts';
import { SOUND_PID, VIDEO_PID } from './packets/tables.ts';
import {
  indexOf,
  PPS,
  packetsOf,
  picture,
  SPS,
  save,
  written,
} from './transport-stream.fixture.ts';
import type { TimedPacket } from './writing/write-transport-stream.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'splicebus-ts-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Pictures of many sizes, so that every kind of packet is filled up, and sound between them. */
const PICTURES: TimedPacket[] = Array.from({ length: 400 }, (_, n) => ({
  stream: 'video',
  bytes: picture(n * 3, n % 50 === 0),
  // The clock wraps on the way.
  pts: 2 ** 33 - 300_000 + n * 3000,
  dts: 2 ** 33 - 306_000 + n * 3000,
  isKey: n % 50 === 0,
}));
const SOUND: TimedPacket[] = PICTURES.map(({ pts }, n) => ({
  stream: 'sound',
  bytes: Buffer.alloc(1 + n * 2, n),
  pts: pts - 1000,
}));
const FORMAT = { streamType: 0x11, descriptors: Buffer.from([0x0a, 4, 0x65, 0x6e, 0x67, 0]) };
const BOTH = { video: 'h264', sound: FORMAT } as const;

const plain = () =>
  written(
    PICTURES.flatMap((unit, n) => [unit, SOUND[n]!]),
    BOTH,
  );

describe('a transport stream', () => {
  it('gives back what was written, across the wrap of the clock', async () => {
    const { pictures, sound } = await indexOf(await save(folder, 'plain.ts', await plain()));
    const { units } = pictures!;
    expect(units.map(({ pts }) => pts)).toEqual(PICTURES.map(({ pts }) => pts));
    expect(units.map(({ isIdr }) => isIdr)).toEqual(PICTURES.map(({ isKey }) => isKey));
    expect(units.map(({ isKey }) => isKey)).toEqual(PICTURES.map(({ isKey }) => isKey));
    expect(units[50]).toMatchObject({ sps: [SPS], pps: [PPS] });
    expect(sound!.packets.map(({ pts }) => pts)).toEqual(SOUND.map(({ pts }) => pts));
    expect(sound!.format).toEqual(FORMAT);
    // Of a codec whose frames are not counted: as many bytes per second as in the packet before.
    expect(sound!.endPts - SOUND.at(-1)!.pts).toBe(Math.round((3000 * 799) / 797));

    const reader = new FileReader();
    try {
      for (const [n, unit] of units.entries()) {
        const bytes = await pictures!.read(reader, unit);
        expect(bytes.equals(PICTURES[n]!.bytes), `picture ${n}`).toBe(true);
      }
      for (const [n, packet] of sound!.packets.entries()) {
        const bytes = await sound!.read(reader, packet);
        expect(bytes.equals(SOUND[n]!.bytes), `sound ${n}`).toBe(true);
      }
    } finally {
      await reader.close();
    }
  });

  it('of chunks that count packets anew is one stream, in one file or in many', async () => {
    const bytes = await plain();
    const twice = await save(folder, 'twice.ts', Buffer.concat([bytes, bytes]));
    expect((await indexOf(twice)).pictures!.units).toHaveLength(2 * PICTURES.length);
    const once = await save(folder, 'once.ts', bytes);
    const { pictures, sound } = await indexOf(once, once, once);
    expect(pictures!.units).toHaveLength(3 * PICTURES.length);
    expect(pictures!.units[PICTURES.length]).toMatchObject({ file: 1, pts: PICTURES[0]!.pts });
    expect(sound!.packets.at(-1)).toMatchObject({ file: 2, pts: SOUND.at(-1)!.pts });
  });

  it('of sound alone has no pictures', async () => {
    const file = await save(folder, 'sound.ts', await written(SOUND, { sound: FORMAT }));
    const index = await indexOf(file);
    expect(index.pictures).toBeUndefined();
    expect(index.sound!.packets).toHaveLength(SOUND.length);
  });

  it('keeps sound together that no PES packet can hold', async () => {
    const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, n) => n & 0xff));
    const packets: TimedPacket[] = [{ stream: 'sound', bytes, pts: 5 }];
    const file = await save(folder, 'large.ts', await written(packets, { sound: FORMAT }));
    const { sound } = await indexOf(file);
    expect(sound!.packets).toMatchObject([{ pts: 5 }]);
    const reader = new FileReader();
    expect((await sound!.read(reader, sound!.packets[0]!)).equals(bytes)).toBe(true);
    await reader.close();
  });

  it('leaves out descriptors that do not fit, but not those that name the codec', async () => {
    const long = Buffer.alloc(150, 0x20);
    long.set([0x0a, 148]);
    const registration = Buffer.from([0x05, 4, ...Buffer.from('Opus')]);
    const sound = { streamType: 0x06, descriptors: Buffer.concat([long, long, registration]) };
    const file = await save(folder, 'tables.ts', await written(SOUND, { video: 'h264', sound }));
    expect(await indexOf(file)).toMatchObject({ pictures: undefined, lacksFrames: true });
    const alone = await save(folder, 'alone.ts', await written(SOUND, { sound }));
    const { format } = (await indexOf(alone)).sound!;
    expect(format.descriptors).toEqual(Buffer.concat([registration, long]));
  });
});

/** A packet in the middle of a large picture, or of sound. */
const inside = (stream: Buffer, pid: number) => {
  const packets = packetsOf(stream, pid);
  const starts = new Set(packetsOf(stream, pid, true));
  return packets.find((at, n) => n > 1000 && !starts.has(at) && !starts.has(packets[n + 1]!))!;
};

const without = (stream: Buffer, packet: number) =>
  Buffer.concat([stream.subarray(0, packet), stream.subarray(packet + PACKET_BYTES)]);

const twice = (stream: Buffer, packet: number) =>
  Buffer.concat([stream.subarray(0, packet + PACKET_BYTES), stream.subarray(packet)]);

const changed = (stream: Buffer, at: number, change: (byte: number) => number) => {
  stream[at] = change(stream[at]!);
  return stream;
};

describe('a damaged or unusual transport stream', () => {
  it.each<[string, string, (stream: Buffer) => Buffer]>([
    ['packets are repeated', 'of video', (stream) => twice(stream, inside(stream, VIDEO_PID))],
    ['packets are repeated', 'of sound', (stream) => twice(stream, inside(stream, SOUND_PID))],
    [
      'packets are damaged or scrambled',
      'of video',
      (stream) => changed(stream, inside(stream, VIDEO_PID) + 3, (byte) => byte | 0x80),
    ],
    [
      'packets are damaged or scrambled',
      'of sound',
      (stream) => changed(stream, inside(stream, SOUND_PID) + 1, (byte) => byte | 0x80),
    ],
    [
      'the packets are out of step',
      'somewhere',
      (stream) => stream.fill(0, 40 * PACKET_BYTES, 41 * PACKET_BYTES),
    ],
    ['a chunk ends within a packet', 'at the end', (stream) => stream.subarray(0, -5)],
    [
      'there are no pictures in the video stream',
      'but tables',
      (stream) => stream.subarray(0, 2 * PACKET_BYTES),
    ],
    [
      'there is neither video nor sound in the transport stream',
      'but rubbish',
      (stream) => stream.subarray(2 * PACKET_BYTES, 8 * PACKET_BYTES),
    ],
    [
      'the media is encrypted (SAMPLE-AES)',
      'as the tables say',
      (stream) => changed(stream, stream.indexOf(Buffer.from([0x1b, 0xe1, 0x00])), () => 0xdb),
    ],
    [
      'the video is not H.264',
      'as the tables say',
      (stream) => changed(stream, stream.indexOf(Buffer.from([0x1b, 0xe1, 0x00])), () => 0x02),
    ],
    [
      'pictures share PES packets',
      'at one place',
      // Not the first slice of its picture any more.
      (stream) => changed(stream, stream.indexOf(Buffer.from([0x41, 0xab])) + 1, () => 0x2b),
    ],
    [
      'pictures span PES packets',
      'at one place',
      (stream) => changed(stream, packetsOf(stream, VIDEO_PID, true)[7]! + 4 + 8 + 19, () => 7),
    ],
  ])('is not taken for plain: %s %s', async (reason, where, change) => {
    // Unfilled packets, so that what is changed lies where it is looked for.
    const bytes = where === 'at one place' ? await written(WIDE, BOTH) : await plain();
    const error = await indexOf(await save(folder, 'odd.ts', change(bytes))).catch((e) => e);
    expect(error).toBeInstanceOf(NotCopyableError);
    expect(error.message).toBe(reason);
    expect(error instanceof UnusualPackingError).toBe(where === 'at one place');
  });

  it('whose video lacks packets has frames that are marked, up to the next key frame', async () => {
    const bytes = await plain();
    const place = inside(bytes, VIDEO_PID);
    const { pictures, findings } = await indexOf(
      await save(folder, 'holed.ts', without(bytes, place)),
    );
    const whole = (await indexOf(await save(folder, 'plain.ts', bytes))).pictures!.units;
    const first = whole.findIndex(({ end }) => end > place);
    const next = whole.findIndex(({ isIdr }, n) => isIdr && n > first);
    expect(pictures!.units).toHaveLength(whole.length);
    const marked = pictures!.units.flatMap(({ isDamaged }, n) => (isDamaged ? [n] : []));
    expect(marked).toEqual(Array.from({ length: next - first }, (_, n) => first + n));
    const [fromPts, toPts] = [whole[first]!.pts, whole[next]!.pts];
    expect(findings).toMatchObject([{ code: 'DAMAGE_CONCEALED', fromPts, toPts }]);
  });

  it('whose audio lacks packets is without what they held', async () => {
    const bytes = await plain();
    const place = inside(bytes, SOUND_PID);
    const { sound, findings } = await indexOf(
      await save(folder, 'holed.ts', without(bytes, place)),
    );
    const whole = (await indexOf(await save(folder, 'plain.ts', bytes))).sound!.packets;
    const lost = whole.findIndex(({ end }) => end > place);
    const left = whole.filter((_, n) => n !== lost).map(({ pts }) => pts);
    expect(sound!.packets.map(({ pts }) => pts)).toEqual(left);
    const [fromPts, toPts] = [whole[lost]!.pts, whole[lost + 1]!.pts];
    expect(findings).toMatchObject([{ code: 'DAMAGE_CONCEALED', fromPts, toPts }]);
  });

  it('may not have pictures or sound that span chunks', async () => {
    const bytes = await plain();
    const split = async (at: number) =>
      indexOf(
        await save(folder, 'head.ts', bytes.subarray(0, at)),
        await save(folder, 'tail.ts', bytes.subarray(at)),
      );
    const errors = [
      await split(inside(bytes, VIDEO_PID)).catch((error) => error),
      await split(inside(bytes, SOUND_PID)).catch((error) => error),
    ];
    expect(errors.map(({ message }) => message)).toEqual([
      'pictures span chunks',
      'the sound spans chunks',
    ]);
    for (const error of errors) expect(error).toBeInstanceOf(UnusualPackingError);
  });
});

const WIDE = PICTURES.map((unit) => ({ ...unit, bytes: picture(900, unit.isKey!) }));

describe('a part of a neighbouring chunk', () => {
  const index = async (before: Buffer, chunk: Buffer, after: Buffer) =>
    indexOf(
      { path: await save(folder, 'before.ts', before), take: 'sound' },
      await save(folder, 'chunk.ts', chunk),
      { path: await save(folder, 'after.ts', after), take: 'sound' },
    );

  it('gives the sound that lies whole in it, and no pictures', async () => {
    const [first, second] = [await plain(), await plain()];
    const starts = packetsOf(first, SOUND_PID, true);
    const packets = packetsOf(first, SOUND_PID);
    // From within the packet 390, without tables; to the last byte of the packet 20, and into the packet 21.
    const from = packets[packets.indexOf(starts[390]!) + 2]!;
    const lastOf20 = packets[packets.indexOf(starts[21]!) - 1]!;
    const before = first.subarray(from);
    const { pictures, sound } = await index(before, second, first.subarray(0, lastOf20 + 188));
    expect(pictures!.units.every(({ file }) => file === 1)).toBe(true);
    expect(pictures!.units).toHaveLength(PICTURES.length);
    const of = (file: number) => sound!.packets.filter((packet) => packet.file === file);
    expect(of(0).map(({ pts }) => pts)).toEqual(SOUND.slice(391).map(({ pts }) => wrapped(pts)));
    expect(of(1)).toHaveLength(SOUND.length);
    const first21 = SOUND.slice(0, 21).map(({ pts }) => wrapped(pts));
    expect(of(2).map(({ pts }) => wrapped(pts))).toEqual(first21);

    const cutOff = await index(before, second, first.subarray(0, starts[100]! + 188));
    expect(cutOff.sound!.packets.filter(({ file }) => file === 2)).toHaveLength(100);
  });

  it('tells of its holes, too', async () => {
    const bytes = await plain();
    const holed = without(bytes, inside(bytes, SOUND_PID));
    const { findings } = await index(holed, bytes, bytes);
    expect(findings).toMatchObject([{ code: 'DAMAGE_CONCEALED' }]);
  });
});

describe('time stamps', () => {
  it.each([0, 1, 90_000, 2 ** 32 + 5, 2 ** 33 - 1])('%d survives', (ticks) => {
    const buffer = Buffer.alloc(5);
    writeTimestamp(buffer, 0, ticks, 3);
    expect(readTimestamp(buffer, 0)).toBe(ticks);
  });

  it('are compared the nearer way around the wrap', () => {
    expect(ticksBetween(2 ** 33 - 1, 2)).toBe(3);
    expect(ticksBetween(2, 2 ** 33 - 1)).toBe(-3);
    expect(ticksBetween(900, 300)).toBe(-600);
  });
});
