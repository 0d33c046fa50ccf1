import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withParameterSets } from '../codecs/byte-stream.ts';
import { ticksBetween, wrapped } from './clock.ts';
import { indexTransportStream } from './index-transport-stream.ts';
import { DESCRIPTOR, descriptorsIn } from './packets/descriptors.ts';
import {
  encoded,
  indexOf,
  PPS,
  picture,
  probed,
  SPS,
  save,
  written,
} from './transport-stream.fixture.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'splicebus-ts-index-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const X264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-bf', '2', '-g', '40'];
const X265 = ['-c:v', 'libx265', '-preset', 'ultrafast'];
/** Wraps the clock of 33 bits two seconds after the beginning. */
const NEAR_WRAP = ['-output_ts_offset', String(2 ** 33 / 90_000 - 2)];

describe('pictures are those that FFmpeg finds', () => {
  it.each<[string, string[]]>([
    ['H.264', X264],
    ['H.264 with open GOPs', [...X264, '-x264-params', 'open-gop=1:keyint=40:min-keyint=40']],
    ['H.264 in slices', [...X264, '-slices', '4']],
    ['HEVC', [...X265, '-x265-params', 'log-level=error:keyint=40:open-gop=0:bframes=3']],
    [
      'HEVC with open GOPs',
      [...X265, '-x265-params', 'log-level=error:keyint=40:min-keyint=40:open-gop=1:bframes=3'],
    ],
  ])('%s', async (name, encoder) => {
    const file = await encoded(folder, 'pictures.ts', [...encoder, '-c:a', 'aac']);
    const { pictures } = await indexOf(file);
    const expected = await probed(file, 'v');
    expect(pictures!.units.map(({ pts, isKey }) => ({ pts, isKey }))).toEqual(
      expected.map(({ pts, isKey }) => ({ pts, isKey })),
    );
    expect(pictures!.codec).toBe(name.startsWith('HEVC') ? 'hevc' : 'h264');
    const keys = pictures!.units.filter(({ isKey }) => isKey);
    expect(keys.every(({ sps, pps }) => sps.length === 1 && pps.length === 1)).toBe(true);
    const isOpen = name.includes('open GOPs');
    expect(keys.map(({ isIdr }) => isIdr)).toEqual([true, !isOpen, !isOpen]);
    const leading = pictures!.units.filter((unit) => unit.isSkippedLeading);
    expect(leading.length > 0).toBe(name === 'HEVC with open GOPs');
    for (const { pts } of leading) expect(keys.some((key) => pts < key.pts)).toBe(true);
  });

  it('a picture that only leads to whole ones is no key picture', async () => {
    const refreshed = [...X264, '-bf', '0', '-x264-params', 'intra-refresh=1:keyint=30'];
    const { pictures } = await indexOf(await encoded(folder, 'refresh.ts', refreshed));
    expect(pictures!.units.filter(({ isKey }) => isKey)).toHaveLength(1);
  });
});

describe('sound is what FFmpeg finds', () => {
  it.each<[string, number, string[]]>([
    ['AAC', 0x0f, ['-c:a', 'aac']],
    ['AAC of 44.1 kHz', 0x0f, ['-c:a', 'aac', '-ar', '44100']],
    ['LATM', 0x11, ['-c:a', 'aac', '-mpegts_flags', 'latm']],
    ['MP2', 0x03, ['-c:a', 'mp2']],
    ['MP3', 0x03, ['-c:a', 'libmp3lame']],
    ['MP3 of 24 kHz', 0x04, ['-c:a', 'libmp3lame', '-ar', '24000']],
    ['AC-3', 0x81, ['-c:a', 'ac3']],
    ['E-AC-3', 0x87, ['-c:a', 'eac3']],
    ['AC-3 of DVB', 0x06, ['-c:a', 'ac3', '-mpegts_flags', 'system_b']],
    ['Opus', 0x06, ['-c:a', 'libopus']],
  ])('%s', async (name, streamType, encoder) => {
    const file = await encoded(folder, 'sound.ts', [...X264, ...encoder]);
    const { sound } = await indexOf(file);
    expect(sound!.format.streamType).toBe(streamType);
    const tags = descriptorsIn(sound!.format.descriptors).map(({ tag }) => tag);
    if (name === 'AC-3 of DVB') expect(tags).toContain(DESCRIPTOR.ac3);
    else if (streamType === 0x06) expect(tags).toContain(DESCRIPTOR.registration);
    const expected = await probed(file, 'a');
    const times = new Set(expected.map(({ pts }) => pts));
    expect(sound!.packets[0]!.pts).toBe(expected[0]!.pts);
    expect(sound!.packets.every(({ pts }) => times.has(pts))).toBe(true);
    const last = expected.at(-1)!;
    const isEstimated = name === 'LATM' || name === 'Opus';
    const expectedEnd = last.pts + last.ticks;
    expect(Math.abs(sound!.endPts - expectedEnd)).toBeLessThanOrEqual(isEstimated ? 4000 : 2);
  });

  it('alone', async () => {
    const file = await encoded(folder, 'alone.ts', ['-vn', '-c:a', 'aac']);
    const { pictures, sound } = await indexOf(file);
    expect(pictures).toBeUndefined();
    expect(sound!.packets[0]!.pts).toBe((await probed(file, 'a'))[0]!.pts);
  });

  it('or it is told that FFmpeg must read it', async () => {
    const file = await encoded(folder, 'foreign.ts', [...X264, '-c:a', 'aac']);
    const bytes = await readFile(file);
    // AAC without headers in the tables, though not in the stream.
    for (let at = bytes.indexOf(ADTS_ENTRY); at !== -1; at = bytes.indexOf(ADTS_ENTRY, at)) {
      bytes[at] = 0x1c;
    }
    const index = await indexOf(await save(folder, 'foreign.ts', bytes));
    expect(index).toMatchObject({ hasForeignSound: true, sound: undefined });
  });
});

const ADTS_ENTRY = Buffer.from([0x0f, 0xe1, 0x01]);

describe('where the clock wraps', () => {
  it.each<[string, string[]]>([
    ['pictures and sound', X264],
    ['pictures that come in late', [...X264, '-vf', 'setpts=PTS+2/TB']],
    ['sound that comes in late', [...X264, '-af', 'asetpts=PTS+2/TB']],
    ['sound alone', ['-vn']],
  ])('%s go on beside each other', async (_, options) => {
    const file = await encoded(folder, 'wrap.ts', [...options, '-c:a', 'aac', ...NEAR_WRAP]);
    const { pictures, sound } = await indexOf(file);
    const expected = await probed(file, 'a');
    const isLater = (pts: number, n: number, all: number[]) => n === 0 || pts > all[n - 1]!;
    const soundTimes = sound!.packets.map(({ pts }) => pts);
    expect(soundTimes.every(isLater)).toBe(true);
    expect(soundTimes.at(-1)).toBeGreaterThan(2 ** 33);
    expect(wrapped(soundTimes[0]!)).toBe(wrapped(expected[0]!.pts));
    if (!pictures) return;
    const shown = pictures.units.map(({ pts }) => pts).sort((a, b) => a - b);
    expect(shown).toHaveLength(120);
    expect(shown.every((pts, n) => pts === shown[0]! + n * 3000)).toBe(true);
    expect(Math.abs(shown[0]! - soundTimes[0]!)).toBeLessThan(3 * 90_000);
  });
});

describe('chunks', () => {
  it('are one stream, wherever FFmpeg parts it', async () => {
    const output = [...X264, '-c:a', 'aac', ...NEAR_WRAP];
    const whole = await indexOf(await encoded(folder, 'whole.ts', output));
    const chunks = ['-f', 'segment', '-segment_time', '1', '-segment_format', 'mpegts'];
    const pattern = join(folder, 'chunk-%d.ts');
    await encoded(folder, 'again.ts', [...output, ...chunks, pattern, ...output]);
    const files = [0, 1, 2].map((n) => join(folder, `chunk-${n}.ts`));
    const { pictures, sound } = await indexOf(...files);
    const distances = (all: readonly { pts: number }[]) =>
      all.map(({ pts }) => ticksBetween(all[0]!.pts, pts));
    expect(distances(pictures!.units)).toEqual(distances(whole.pictures!.units));
    expect(new Set(pictures!.units.map(({ file }) => file))).toEqual(new Set([0, 1, 2]));
    expect(sound!.endPts - sound!.packets[0]!.pts).toBe(
      whole.sound!.endPts - whole.sound!.packets[0]!.pts,
    );
  });
});

describe('where counters jump behind tables', () => {
  /** A chunk of two frames, whose tables and frames are counted from `count` on. */
  const chunkFrom = async (count: number, first: Buffer, pts: number) => {
    const frames = [first, picture(500, false)].map((bytes, n) => ({
      ...{ stream: 'video' as const, bytes, pts: pts + n * 3_000, isKey: n === 0 },
    }));
    const bytes = await written(frames, { video: 'h264' });
    for (let at = 3; at < bytes.length; at += 188) {
      bytes[at] = (bytes[at]! & 0xf0) | ((bytes[at]! + count) & 0x0f);
    }
    return bytes;
  };

  it.each([
    ['the same parameter sets: something is lost', SPS, true],
    ['other parameter sets: another stream begins', Buffer.from([...SPS, 1]), false],
  ])('with %s', async (_, initialSps, isLost) => {
    const withoutSets = withParameterSets('h264', picture(500, true), { sps: [], pps: [] });
    const [before, after] = [
      await chunkFrom(0, withoutSets, 90_000),
      await chunkFrom(1, picture(500, true), 96_000),
    ];
    const path = await save(folder, 'jump.ts', Buffer.concat([before, after]));
    const initialSets = { sps: [initialSps], pps: [PPS] };
    const { signal } = new AbortController();
    const { pictures } = await indexTransportStream([{ path, take: 'all' }], signal, {
      initialSets,
    });
    expect(pictures!.units.some(({ isDamaged }) => isDamaged === true)).toBe(isLost);
  });
});
