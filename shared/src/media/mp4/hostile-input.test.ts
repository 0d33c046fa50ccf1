import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NotCopyableError } from '../not-copyable.ts';
import {
  type Fragmented,
  H264,
  inputs,
  makeHls,
  readPictures,
  wholeFiles,
} from './fragmented.fixture.ts';
import { indexFragmentedMp4 } from './index-fragmented-mp4.ts';
import { timeZeroOfFragment } from './time-zero.ts';

const { signal } = new AbortController();

let folder: string;
let made: Fragmented;
let init: Buffer;
let chunk: Buffer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'splicebus-hostile-'));
  made = await makeHls([...inputs(), ...H264, '-c:a', 'aac'], folder);
  init = await readFile(made.init);
  chunk = await readFile(made.chunks[0]!);
});
afterAll(() => rm(folder, { recursive: true }));

/** Either it is read, or it is refused. @returns whether it was read */
async function isRead(changedInit: Buffer, changedChunk: Buffer): Promise<boolean> {
  const files = { init: join(folder, 'init'), chunk: join(folder, 'chunk') };
  await writeFile(files.init, changedInit);
  await writeFile(files.chunk, changedChunk);
  try {
    const index = await indexFragmentedMp4(files.init, wholeFiles([files.chunk]), signal);
    if (index.pictures) await readPictures(index);
    timeZeroOfFragment(changedInit, changedChunk);
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(NotCopyableError);
    return false;
  }
}

const changes = (bytes: () => Buffer) =>
  fc.array(fc.tuple(fc.nat(bytes().length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });

function changed(bytes: Buffer, all: readonly [at: number, value: number][]): Buffer {
  const copy = Buffer.from(bytes);
  for (const [at, value] of all) copy[at] = value;
  return copy;
}

describe('hostile fragmented MP4', () => {
  it('is read or refused, whatever bytes of the init section change', async () => {
    await fc.assert(
      fc.asyncProperty(
        changes(() => init),
        async (all) => {
          await isRead(changed(init, all), chunk);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('is read or refused, whatever bytes of the fragments change', async () => {
    const described = () => chunk.subarray(0, chunk.indexOf('mdat') + 64);
    await fc.assert(
      fc.asyncProperty(changes(described), async (all) => {
        await isRead(init, changed(chunk, all));
      }),
      { numRuns: 400 },
    );
  });

  it('is read or refused, wherever it ends', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(chunk.length), async (length) => {
        await isRead(init, chunk.subarray(0, length));
      }),
      { numRuns: 100 },
    );
  });

  it('does not fill the memory with samples that are not there', async () => {
    const samples = Buffer.alloc(20);
    // A run of 4 billion samples, of which the fragment gives no sizes.
    samples.write('trun', 4, 'latin1');
    samples.writeUInt32BE(samples.length, 0);
    samples.writeUInt32BE(0xffffffff, 12);
    const at = chunk.indexOf('trun') - 4;
    const runBytes = chunk.readUInt32BE(at);
    const free = Buffer.alloc(runBytes - samples.length);
    free.writeUInt32BE(free.length, 0);
    free.write('free', 4, 'latin1');
    const crowded = Buffer.concat([
      chunk.subarray(0, at),
      samples,
      free,
      chunk.subarray(at + runBytes),
    ]);
    expect(await isRead(init, crowded)).toBe(false);
  });

  it('does not take many fragments of the same media for more of it', async () => {
    const at = chunk.indexOf('moof') - 4;
    const moof = chunk.subarray(at, at + chunk.readUInt32BE(at));
    const many = Buffer.concat([...Array<Buffer>(500).fill(moof), chunk.subarray(at)]);
    expect(await isRead(init, many)).toBe(false);
  });
});
