import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
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
  wholeFiles,
} from './fragmented.fixture.ts';
import { indexFragmentedMp4 } from './index-fragmented-mp4.ts';

const { signal } = new AbortController();

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'splicebus-fmp4-refused-'));
});
afterAll(() => rm(folder, { recursive: true }));

const index = ({ init, chunks }: Fragmented) =>
  indexFragmentedMp4(init, wholeFiles(chunks), signal);

describe('what is not taken for copyable', () => {
  let made: Fragmented;
  beforeAll(async () => {
    made = await makeHls([...inputs(), ...H264, ...AAC], folder);
  });

  it('is a chunk that is cut off', async () => {
    const file = join(folder, 'cut-off.m4s');
    await writeFile(file, await readFile(made.chunks[0]!));
    const { units } = (await index(made)).pictures!;
    const last = units.findLast((unit) => unit.file === 0)!;
    await truncate(file, last.end - 1);
    await expect(index({ ...made, chunks: [file] })).rejects.toThrow(
      'a chunk ends within a picture',
    );
  });

  it('is a plain MP4', async () => {
    const plain = join(folder, 'plain.mp4');
    await ffmpeg([...inputs(), ...H264, ...AAC, plain], folder);
    await expect(indexFragmentedMp4(plain, wholeFiles([plain]), signal)).rejects.toThrow(
      'the MP4 is not fragmented',
    );
  });

  it('is media in front of its description', async () => {
    const chunk = await readFile(made.chunks[0]!);
    const at = chunk.indexOf('moof') - 4;
    const end = at + chunk.readUInt32BE(at);
    const swapped = join(folder, 'swapped.m4s');
    await writeFile(swapped, Buffer.concat([chunk.subarray(end), chunk.subarray(0, end)]));
    await expect(index({ ...made, chunks: [swapped] })).rejects.toMatchObject({
      name: 'NotCopyableError',
    });
  });

  it('is another codec, by its name', async () => {
    const vp9 = ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-t', '1', '-an'];
    const other = await makeFile([...inputs(), ...vp9], 'frag_keyframe+empty_moov', folder);
    await expect(index(other)).rejects.toThrow('the video is vp09');
  });

  it('is what is encrypted', async () => {
    const init = await readFile(made.init);
    init.write('encv', init.indexOf('avc1', init.indexOf('stsd')), 'latin1');
    const encrypted = join(folder, 'encrypted.mp4');
    await writeFile(encrypted, init);
    await expect(index({ ...made, init: encrypted })).rejects.toThrow('encrypted (encv)');
  });
});
