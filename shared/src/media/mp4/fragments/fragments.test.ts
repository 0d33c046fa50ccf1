import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { wholeFiles } from '../fragmented.fixture.ts';
import { indexFragmentedMp4 } from '../index-fragmented-mp4.ts';
import { timeZeroOfFragment } from '../time-zero.ts';

// What FFmpeg does not write, built by hand: sound of 1000 Hz in frames of 100 units and 10 bytes.

const u16 = (value: number) => [value >> 8, value & 0xff];
const u32 = (value: number) => [...u16(value >>> 16), ...u16(value & 0xffff)];
const zeros = (count: number) => Array<number>(count).fill(0);
type Bytes = readonly number[];

const box = (type: string, ...body: Bytes[]): number[] => {
  const content = body.flat();
  return [...u32(8 + content.length), ...Buffer.from(type, 'latin1'), ...content];
};
/** The same with a size of 64 bits. */
const longBox = (type: string, ...body: Bytes[]): number[] => {
  const content = body.flat();
  const size = [...u32(0), ...u32(16 + content.length)];
  return [...u32(1), ...Buffer.from(type, 'latin1'), ...size, ...content];
};

const TIMESCALE = 1000;

const initialization = (edits: Bytes = [], timescale = TIMESCALE) => {
  const entry = box('ac-3', zeros(28));
  const tables = box('stbl', box('stsd', u32(0), u32(1), entry), box('stts', u32(0), u32(0)));
  const media = [
    box('mdhd', zeros(12), u32(timescale), zeros(8)),
    box('hdlr', zeros(8), [...Buffer.from('soun')], zeros(13)),
    box('minf', tables),
  ];
  const track = box(
    'trak',
    box('tkhd', zeros(12), u32(1), zeros(68)),
    edits,
    box('mdia', ...media),
  );
  const extends_ = box('mvex', box('trex', u32(0), u32(1), u32(1), u32(100), u32(10), u32(0)));
  return box('moov', box('mvhd', zeros(12), u32(500), zeros(84)), track, extends_);
};

const DEFAULT_BASE_IS_MOOF = 0x20000;
const header = (flags: number, ...fields: Bytes[]) => box('tfhd', u32(flags), u32(1), ...fields);
const plainHeader = header(DEFAULT_BASE_IS_MOOF);
const decodeTime = (time: bigint) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(time);
  return box('tfdt', u32(0x1000000), [...bytes]);
};
/** So many frames with nothing said about them, at a place from the base. */
const run = (frames: number, offset: number) => box('trun', u32(1), u32(frames), u32(offset));
/** So many frames behind those of the run before. */
const nextRun = (frames: number) => box('trun', u32(0), u32(frames));
const fragment = (...track: Bytes[]) =>
  box('moof', box('mfhd', u32(0), u32(1)), box('traf', ...track));
const media = (frames: number) => box('mdat', zeros(10 * frames));
/** The offset of media that lies directly behind its fragment. */
const behind = (make: (offset: number) => number[]) => make(make(0).length + 8);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'splicebus-boxes-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function timesOf(init: Bytes, ...chunks: Bytes[]): Promise<number[]> {
  const files = [init, ...chunks].map((_, n) => join(folder, String(n)));
  for (const [n, bytes] of [init, ...chunks].entries()) {
    await writeFile(files[n]!, Buffer.from(bytes));
  }
  const { signal } = new AbortController();
  const { sound } = await indexFragmentedMp4(files[0]!, wholeFiles(files.slice(1)), signal);
  return [...sound!.packets.map(({ pts }) => pts), sound!.endPts];
}

describe('fragments', () => {
  it('of several runs go on from one to the next', async () => {
    const moof = behind((at) => fragment(plainHeader, decodeTime(10n), run(2, at), nextRun(1)));
    expect(await timesOf(initialization(), [...moof, ...media(3)])).toEqual([
      900, 9900, 18900, 27900,
    ]);
  });

  it('without a time go on from the one before in their chunk', async () => {
    const first = behind((at) => fragment(plainHeader, decodeTime(50n), run(1, at)));
    const next = behind((at) => fragment(plainHeader, run(1, at)));
    const chunk = [...first, ...media(1), ...next, ...media(1)];
    expect(await timesOf(initialization(), chunk)).toEqual([4500, 13500, 22500]);
  });

  it('without a time at the beginning of a chunk are refused', async () => {
    const first = behind((at) => fragment(plainHeader, decodeTime(50n), run(1, at)));
    const next = [...behind((at) => fragment(plainHeader, run(1, at))), ...media(1)];
    const refused = { name: 'UnreadableMediaError', message: expect.stringMatching(/tfdt/) };
    await expect(timesOf(initialization(), [...first, ...media(1)], next)).rejects.toMatchObject(
      refused,
    );
    expect(() => timeZeroOfFragment(Buffer.from(initialization()), Buffer.from(next))).toThrowError(
      expect.objectContaining(refused),
    );
  });

  it('without a run last no time', async () => {
    const empty = fragment(plainHeader, decodeTime(7n));
    const full = behind((at) => fragment(plainHeader, decodeTime(0n), run(1, at)));
    expect(await timesOf(initialization(), [...empty, ...full, ...media(1)])).toEqual([0, 9000]);
  });

  it('may count from media that they name by its place', async () => {
    const moof = (at: number) => fragment(header(0x1, u32(0), u32(at)), decodeTime(0n), run(1, 8));
    const named = moof(moof(0).length);
    expect(await timesOf(initialization(), [...named, ...media(1)])).toEqual([0, 9000]);
  });

  it('lie beside boxes of any size and kind', async () => {
    const moof = behind((at) => fragment(plainHeader, decodeTime(0n), run(1, at + 8)));
    const others = ['styp', 'sidx', 'emsg', 'prft'].flatMap((type) => box(type, zeros(20)));
    const long = longBox('mdat', zeros(10));
    expect(await timesOf(initialization(), [...others, ...moof, ...long])).toEqual([0, 9000]);
  });

  it('have exact times on a clock that needs 64 bits', async () => {
    // 2026 at 10 MHz.
    const time = 1_767_225_600n * 10_000_000n + 1n;
    const moof = behind((at) => fragment(plainHeader, decodeTime(time), run(1, at)));
    const chunk = [...moof, ...media(1)];
    const init = initialization([], 10_000_000);
    const ticks = 1_767_225_600 * 90_000;
    expect(await timesOf(init, chunk)).toEqual([ticks, ticks + 1]);
    expect(timeZeroOfFragment(Buffer.from(init), Buffer.from(chunk))).toBe(ticks);
  });
});

describe('an edit list', () => {
  const list = (...entries: [duration: number, time: number, rate: number][]) =>
    box(
      'edts',
      box(
        'elst',
        u32(0),
        u32(entries.length),
        ...entries.map(([duration, time, rate]) => [...u32(duration), ...u32(time), ...u32(rate)]),
      ),
    );
  const chunk = [
    ...behind((at) => fragment(plainHeader, decodeTime(1000n), run(1, at))),
    ...media(1),
  ];

  it('moves the track', async () => {
    expect(await timesOf(initialization(list([0, 400, 0x10000])), chunk)).toEqual([54000, 63000]);
    // The empty part is counted in the units of the movie, of which there are 500 a second.
    const delayed = list([100, 0xffffffff, 0x10000], [0, 400, 0x10000]);
    expect(await timesOf(initialization(delayed), chunk)).toEqual([72000, 81000]);
  });

  it.each([
    ['two stretches', list([5, 0, 0x10000], [5, 100, 0x10000])],
    ['another speed', list([0, 0, 0x20000])],
    ['nothing but an empty part', list([5, 0xffffffff, 0x10000])],
  ])('of %s is refused', async (_, edits) => {
    await expect(timesOf(initialization(edits), chunk)).rejects.toThrow(
      'the edit list shows more than one stretch',
    );
  });
});
