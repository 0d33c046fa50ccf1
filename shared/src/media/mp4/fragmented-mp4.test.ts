import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { splitAtStartCodes } from '../codecs/h264/nal-units.ts';
import { hevcNalType } from '../codecs/hevc/nal-units.ts';
import {
  AAC,
  type Fragmented,
  ffmpeg,
  H264,
  inputs,
  makeFile,
  makeHls,
  probePackets,
  readPictures,
  wholeFiles,
} from './fragmented.fixture.ts';
import { indexFragmentedMp4 } from './index-fragmented-mp4.ts';

const { signal } = new AbortController();

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'splicebus-fmp4-'));
});
afterAll(() => rm(folder, { recursive: true }));

const index = ({ init, chunks }: Fragmented) =>
  indexFragmentedMp4(init, wholeFiles(chunks), signal);

/** The byte stream that FFmpeg makes of the pictures. */
async function convertedByFfmpeg({ whole }: Fragmented, format: 'h264' | 'hevc') {
  const filter = `${format}_mp4toannexb`;
  await ffmpeg(
    ['-i', whole, '-map', '0:v', '-c', 'copy', '-bsf:v', filter, '-f', format, `${whole}.es`],
    folder,
  );
  return readFile(`${whole}.es`);
}

const H264_SETS = [7, 8];
const withoutSets = (stream: Buffer) =>
  splitAtStartCodes(stream).filter((unit) => !H264_SETS.includes(unit[0]! & 0x1f));

/** The tone ends in the middle of its last frame of AAC. */
const LAST_SOUND_TICKS = (512 / 48_000) * 90_000;

/**
 * Holds an index against what FFprobe and FFmpeg find in the same file.
 * @param lateTicks how much later FFmpeg shows the pictures
 */
async function expectAsFfmpeg(made: Fragmented, lateTicks = 0) {
  const found = await index(made);
  const pictures = await probePackets(made.whole, 'v');
  const units = found.pictures!.units;
  expect(units.map(({ pts }) => pts + lateTicks)).toEqual(pictures.map(({ pts }) => pts));
  expect(units.map(({ isKey }) => isKey)).toEqual(pictures.map(({ isKey }) => isKey));
  const streams = await readPictures(found);
  const expected = await convertedByFfmpeg(made, 'h264');
  const ours = withoutSets(Buffer.concat(streams));
  const theirs = withoutSets(expected);
  expect(ours.length).toBe(theirs.length);
  expect(ours.every((unit, n) => unit.equals(theirs[n]!))).toBe(true);
  for (const [n, unit] of units.entries()) {
    const types = splitAtStartCodes(streams[n]!).map((bytes) => bytes[0]! & 0x1f);
    expect(types.includes(5)).toBe(unit.isIdr);
    expect(types.filter((type) => H264_SETS.includes(type))).toEqual(unit.isKey ? [7, 8] : []);
  }
  const sounds = await probePackets(made.whole, 'a');
  expect(found.sound!.packets.map(({ pts }) => pts)).toEqual(sounds.map(({ pts }) => pts));
  expect(found.sound!.packets.map((one) => one.end - one.start)).toEqual(sounds.map((p) => p.size));
  expect(found.sound!.endPts).toBe(sounds.at(-1)!.pts + LAST_SOUND_TICKS);
  return found;
}

describe('fragmented MP4', () => {
  it.each(['24000/1001', '25', '30000/1001', '60'])(
    'of HLS at %s Hz has the times and the bytes that FFmpeg finds',
    async (rate) => {
      const made = await makeHls([...inputs(rate), ...H264, ...AAC], folder);
      const found = await expectAsFfmpeg(made);
      expect(new Set(found.pictures!.units.map(({ file }) => file)).size).toBe(made.chunks.length);
      expect(found.hasForeignSound).toBeUndefined();
    },
  );

  it('without an edit list', async () => {
    const args = [...inputs(), ...H264, ...AAC, '-hls_segment_options', 'use_editlist=0'];
    await expectAsFfmpeg(await makeHls(args, folder));
  });

  it.each([
    'frag_keyframe+empty_moov+default_base_moof',
    'frag_keyframe+empty_moov',
    'frag_keyframe+empty_moov+omit_tfhd_offset',
    'frag_keyframe+delay_moov',
    'frag_every_frame+empty_moov+default_base_moof',
    'frag_keyframe+empty_moov+separate_moof',
    'frag_keyframe+empty_moov+dash+global_sidx',
  ])('as FFmpeg writes it with %s', async (movflags) => {
    await expectAsFfmpeg(await makeFile([...inputs(), ...H264, ...AAC], movflags, folder));
  });

  it.each(['frag_keyframe+delay_moov+negative_cts_offsets', 'cmaf+frag_keyframe'])(
    'with negative offsets, as FFmpeg writes it with %s but does not read it again',
    async (movflags) => {
      const made = await makeFile([...inputs(), ...H264, ...AAC], movflags, folder);
      // Offsets of -1 picture make it show all pictures one later, and no more the first one at 0.
      const { pictures } = await expectAsFfmpeg(made, 3600);
      expect(pictures!.units[0]!.pts).toBe(0);
    },
  );

  it('of one file that is not cut up, with several fragments', async () => {
    const made = await makeHls([...inputs(), ...H264, ...AAC], folder);
    const all = join(dirname(made.whole), 'all.m4s');
    await writeFile(all, Buffer.concat(await Promise.all(made.chunks.map((f) => readFile(f)))));
    const [apart, together] = [await index(made), await index({ ...made, chunks: [all] })];
    expect(together.pictures!.units.map(({ pts }) => pts)).toEqual(
      apart.pictures!.units.map(({ pts }) => pts),
    );
  });

  it('with parameter sets in the pictures has those of the pictures', async () => {
    const inBand = ['-bsf:v', 'dump_extra=freq=keyframe', '-tag:v', 'avc3'];
    const made = await makeHls([...inputs(), ...H264, ...inBand, ...AAC], folder);
    const found = await index(made);
    const streams = await readPictures(found);
    for (const [n, unit] of found.pictures!.units.entries()) {
      if (!unit.isIdr) continue;
      const types = splitAtStartCodes(streams[n]!).map((bytes) => bytes[0]! & 0x1f);
      expect(types.filter((type) => type === 7)).toHaveLength(1);
      expect(unit.sps).toHaveLength(1);
    }
  });

  it('keeps an access unit delimiter in front', async () => {
    const made = await makeHls([...inputs(), ...H264, '-x264-params', 'aud=1', ...AAC], folder);
    for (const stream of await readPictures(await index(made))) {
      const types = splitAtStartCodes(stream).map((bytes) => bytes[0]! & 0x1f);
      expect(types.indexOf(9)).toBe(0);
      expect(types.lastIndexOf(9)).toBe(0);
    }
  });

  it('of open groups has keys that are not IDR', async () => {
    const open = ['-x264-params', 'open-gop=1:bframes=3:keyint=25:scenecut=0'];
    const found = await index(await makeHls([...inputs(), ...H264, ...open, ...AAC], folder));
    const keys = found.pictures!.units.filter(({ isKey }) => isKey);
    expect(keys.length).toBeGreaterThan(1);
    expect(keys.map(({ isIdr }) => isIdr)).toEqual(keys.map((_, n) => n === 0));
    expect(keys.every(({ sps, pps }) => sps.length === 1 && pps.length === 1)).toBe(true);
  });

  it('of HEVC tells IDR, CRA and the pictures to be skipped', async () => {
    const hevc = [
      '-c:v',
      'libx265',
      '-preset',
      'ultrafast',
      '-pix_fmt',
      'yuv420p',
      '-tag:v',
      'hvc1',
    ];
    const params = [
      '-x265-params',
      'log-level=none:keyint=24:min-keyint=24:bframes=3:b-adapt=0:open-gop=1',
    ];
    const made = await makeHls([...inputs(), ...hevc, ...params, ...AAC], folder);
    const found = await index(made);
    const { units } = found.pictures!;
    expect(found.pictures!.codec).toBe('hevc');
    // FFmpeg gives the key frame of an open GOP the time of a frame before it; here each has its own.
    const times = units.map(({ pts }) => pts).sort((one, other) => one - other);
    const frameTicks = times[1]! - times[0]!;
    expect(times).toEqual(times.map((_, n) => times[0]! + n * frameTicks));
    const pictureTypes = (stream: Buffer) =>
      splitAtStartCodes(stream)
        .map((bytes) => hevcNalType(bytes[0]!))
        .filter((type) => type < 39);
    const streams = await readPictures(found);
    expect(pictureTypes(Buffer.concat(streams))).toEqual(
      pictureTypes(await convertedByFfmpeg(made, 'hevc')),
    );
    for (const [n, unit] of units.entries()) {
      const slice = pictureTypes(streams[n]!).at(-1)!;
      expect(unit.isKey).toBe(slice >= 16 && slice <= 21);
      expect(unit.isIdr).toBe(slice === 19 || slice === 20);
      expect(unit.isSkippedLeading ?? false).toBe(slice === 8 || slice === 9);
    }
    expect(units.some(({ isSkippedLeading }) => isSkippedLeading)).toBe(true);
    expect(units.filter(({ isKey }) => isKey).every(({ vps }) => vps?.length === 1)).toBe(true);
  });

  it.each([
    [0, 0],
    [90, 270],
    [180, 180],
    [270, 90],
  ])(
    'tells a turn of %d degrees, which FFmpeg counts the other way around',
    async (to, degrees) => {
      const dir = await mkdtemp(join(folder, 'turned-'));
      await ffmpeg([...inputs(), ...H264, '-an', '-t', '1', 'plain.mp4'], dir);
      const turn = ['-c', 'copy', '-metadata:s:v', `rotate=${to}`, '-movflags', 'empty_moov'];
      await ffmpeg(['-i', 'plain.mp4', ...turn, 'turned.mp4'], dir);
      const turned = join(dir, 'turned.mp4');
      const found = await indexFragmentedMp4(turned, wholeFiles([turned]), signal);
      expect(found.pictures!.rotationDegrees).toBe(degrees);
    },
  );
});
