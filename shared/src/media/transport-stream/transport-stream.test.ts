import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { indexAccessUnits, readAccessUnit } from './access-units.ts';
import { PACKET_BYTES, readTimestamp, ticksBetween, writeTimestamp } from './packets.ts';
import { VIDEO_PID } from './tables.ts';
import { type TimedUnit, writeUnits } from './write-units.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'splicebus-ts-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const SPS = Buffer.from([0x67, 0x64, 0x00, 0x1f, 0xac]);
const PPS = Buffer.from([0x68, 0xeb, 0xe3]);
const START = Buffer.from([0, 0, 0, 1]);

/** A picture of so many bytes in its only slice, none of which looks like a start code. */
function picture(bytes: number, isIdr: boolean): Buffer {
  const slice = Buffer.alloc(Math.max(2, bytes), 0xab);
  slice[0] = isIdr ? 0x65 : 0x41;
  const sets = isIdr ? [START, SPS, START, PPS] : [];
  return Buffer.concat([START, Buffer.from([0x09, 0xf0]), ...sets, START, slice]);
}

/** Pictures of many sizes, so that every kind of packet is filled up. */
const UNITS: TimedUnit[] = Array.from({ length: 400 }, (_, n) => ({
  bytes: picture(n * 3, n % 50 === 0),
  // The clock wraps on the way.
  pts: 2 ** 33 - 300_000 + n * 3000,
  dts: 2 ** 33 - 306_000 + n * 3000,
  isIdr: n % 50 === 0,
}));

async function* each<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  yield* items;
}

async function write(name: string, change = (stream: Buffer) => stream): Promise<string> {
  const packets: Buffer[] = [];
  for await (const part of writeUnits(each(UNITS))) packets.push(part);
  const file = join(folder, name);
  await writeFile(file, change(Buffer.concat(packets)));
  return file;
}

describe('a transport stream', () => {
  it('gives back what was written, across the wrap of the clock', async () => {
    const index = await indexAccessUnits(await write('plain.ts'));
    expect(index.pid).toBe(VIDEO_PID);
    expect(index.units.map(({ pts }) => pts)).toEqual(UNITS.map(({ pts }) => pts));
    expect(index.units.map(({ isIdr }) => isIdr)).toEqual(UNITS.map(({ isIdr }) => isIdr));
    expect(index.units[50]).toMatchObject({ sps: [SPS], pps: [PPS] });
    const handle = await open(index.file);
    try {
      for (const [n, unit] of index.units.entries()) {
        const bytes = await readAccessUnit(handle, index.pid, unit);
        expect(bytes.equals(UNITS[n]!.bytes), `unit ${n}`).toBe(true);
      }
    } finally {
      await handle.close();
    }
  });

  it('of chunks that count packets anew is one stream', async () => {
    const file = await write('twice.ts', (stream) => Buffer.concat([stream, stream]));
    expect((await indexAccessUnits(file)).units).toHaveLength(2 * UNITS.length);
  });

  const packet = (n: number) => n * PACKET_BYTES;
  /** A packet in the middle of a large picture. */
  const inside = (stream: Buffer) => {
    let at = packet(1000);
    while ((stream[at + 1]! & 0x40) !== 0 || (stream[at + 4 + PACKET_BYTES]! & 0x40) !== 0) {
      at += PACKET_BYTES;
    }
    return at;
  };

  it.each<[string, (stream: Buffer) => Buffer]>([
    [
      'packets are missing',
      (stream) =>
        Buffer.concat([
          stream.subarray(0, inside(stream)),
          stream.subarray(inside(stream) + PACKET_BYTES),
        ]),
    ],
    [
      'packets are damaged or scrambled',
      (stream) => {
        stream[inside(stream) + 3]! |= 0x80;
        return stream;
      },
    ],
    ['the packets are out of step', (stream) => stream.fill(0, packet(40), packet(41))],
    ['a chunk ends within a packet', (stream) => stream.subarray(0, -5)],
    ['there is no H.264 video in the transport stream', (stream) => stream.subarray(0, packet(2))],
    [
      'pictures share PES packets',
      (stream) => {
        // Not the first slice of its picture any more.
        const slice = stream.indexOf(Buffer.from([0x41, 0xab]));
        stream[slice + 1] = 0x2b;
        return stream;
      },
    ],
  ])('is not taken for plain when %s', async (reason, change) => {
    const file = await write('odd.ts', change);
    await expect(indexAccessUnits(file)).rejects.toThrow(reason);
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
