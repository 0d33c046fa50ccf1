import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  AAC,
  type Fragmented,
  ffmpeg,
  H264,
  inputs,
  makeFile,
  makeHls,
  readSound,
  wholeFiles,
} from './fragmented.fixture.ts';
import { indexFragmentedMp4 } from './index-fragmented-mp4.ts';
import { timeZeroOfFragment } from './time-zero.ts';

const { signal } = new AbortController();

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'splicebus-fmp4-sound-'));
});
afterAll(() => rm(folder, { recursive: true }));

const index = ({ init, chunks }: Fragmented) =>
  indexFragmentedMp4(init, wholeFiles(chunks), signal);

describe('sound in fragmented MP4', () => {
  it.each([
    ['aac', 'adts', 0x0f],
    ['ac3', 'ac3', 0x81],
    ['eac3', 'eac3', 0x87],
    ['libmp3lame', 'mp3', 0x03],
  ])('of %s comes as a transport stream carries it', async (encoder, format, streamType) => {
    const made = await makeFile(
      [...inputs(), '-map', '1:a', '-c:a', encoder],
      'cmaf+frag_keyframe+delay_moov',
      folder,
    );
    const found = await index(made);
    expect(found.pictures).toBeUndefined();
    expect(found.sound!.format.streamType).toBe(streamType);
    const stream = `${made.whole}.${format}`;
    const plain = format === 'mp3' ? ['-write_xing', '0', '-id3v2_version', '0'] : [];
    await ffmpeg(['-i', made.whole, '-c', 'copy', ...plain, '-f', format, stream], folder);
    const [ours, theirs] = [await readSound(found), await readFile(stream)];
    if (format !== 'adts') return expect(ours.equals(theirs)).toBe(true);
    // FFmpeg tells MPEG-2 and MPEG-4 apart in the header, and is of another opinion on the fullness.
    expect(ours.length).toBe(theirs.length);
    await writeFile(`${stream}.ours`, ours);
    const decoded = await Promise.all(
      [stream, `${stream}.ours`].map((file) =>
        ffmpeg(['-xerror', '-f', 'aac', '-i', file, '-f', 'md5', '-'], folder),
      ),
    );
    expect(decoded[0]!.stdout).toBe(decoded[1]!.stdout);
  });

  it.each(['libopus', 'flac', 'alac'])('of %s is left to FFmpeg', async (encoder) => {
    const experimental = ['-strict', '-2'];
    const made = await makeFile(
      [...inputs(), ...H264, '-c:a', encoder, ...experimental],
      'frag_keyframe+empty_moov+default_base_moof',
      folder,
    );
    const found = await index(made);
    expect(found).toMatchObject({ hasForeignSound: true });
    expect(found.sound).toBeUndefined();
    expect(found.pictures!.units.length).toBe(100);
  });
});

describe('the time zero of a fragment', () => {
  it('is that of its earliest picture, told from its first bytes', async () => {
    const made = await makeHls([...inputs('30000/1001'), ...H264, ...AAC], folder);
    const init = await readFile(made.init);
    const { units } = (await index(made)).pictures!;
    for (const [file, path] of made.chunks.entries()) {
      const chunk = await readFile(path);
      const times = units.filter((unit) => unit.file === file).map(({ pts }) => pts);
      expect(timeZeroOfFragment(init, chunk)).toBe(Math.min(...times));
      const described = chunk.indexOf('mdat') - 4;
      expect(timeZeroOfFragment(init, chunk.subarray(0, described))).toBe(Math.min(...times));
      expect(timeZeroOfFragment(init, chunk.subarray(0, described - 1))).toBeUndefined();
    }
  });

  it('is that of the first sound where there is no video', async () => {
    const made = await makeFile([...inputs(), '-map', '1:a', ...AAC], 'cmaf+frag_keyframe', folder);
    const { packets } = (await index(made)).sound!;
    const chunk = await readFile(made.chunks[0]!);
    expect(timeZeroOfFragment(await readFile(made.init), chunk)).toBe(packets[0]!.pts);
  });
});
