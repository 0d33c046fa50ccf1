import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NotCopyableError } from '../not-copyable.ts';
import { FileReader } from '../source/file-reader.ts';
import type { MediaIndex } from '../source/media-index.ts';
import { tidyTransportStream } from './tidy/tidy-transport-stream.ts';
import { timeZeroOfTransportStream } from './time-zero.ts';
import { encoded, indexOf, save } from './transport-stream.fixture.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'splicebus-ts-damage-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Bytes that are other than they should be, many of them near the beginning, where the tables are. */
const flips = (length: number) =>
  fc.array(
    fc.record({
      at: fc.oneof(fc.nat(length - 1), fc.nat(3000)),
      mask: fc.integer({ min: 1, max: 255 }),
    }),
    { minLength: 1, maxLength: 40 },
  );

describe('a stream with any damage', () => {
  it.each([
    ['H.264', ['-c:v', 'libx264', '-preset', 'ultrafast', '-c:a', 'aac']],
    ['HEVC', ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=error', '-an']],
    ['sound', ['-vn', '-c:a', 'ac3']],
  ])('is read, or refused as not copyable: %s', async (_, output) => {
    const whole = await readFile(await encoded(folder, 'whole.ts', [...output, '-t', '1']));
    await fc.assert(
      fc.asyncProperty(flips(whole.length), fc.boolean(), async (damage, isWhole) => {
        const bytes = Buffer.from(whole);
        for (const { at, mask } of damage) bytes[at]! ^= mask;
        const file = await save(folder, 'damaged.ts', bytes);
        await readAll(file).catch(allowRefusal);
        await readTidy(file).catch(allowRefusal);
        try {
          timeZeroOfTransportStream(bytes, isWhole);
        } catch (error) {
          allowRefusal(error);
        }
      }),
      { numRuns: 100 },
    );
  });
});

/** Bytes that are missing, or that are not of the stream. */
const cuts = (length: number) =>
  fc.array(fc.record({ at: fc.nat(length - 1), bytes: fc.integer({ min: -700, max: 700 }) }), {
    minLength: 1,
    maxLength: 10,
  });

describe('a stream that is out of step', () => {
  it.each([188, 192, 204])('is put in order, or refused: %d bytes a packet', async (stride) => {
    const plain = await readFile(
      await encoded(folder, 'plain.ts', ['-c:v', 'libx264', '-c:a', 'aac', '-t', '1']),
    );
    const whole = packed(plain, stride);
    await fc.assert(
      fc.asyncProperty(cuts(whole.length), async (places) => {
        const parts: Buffer[] = [];
        let at = 0;
        for (const place of [...places].sort((a, b) => a.at - b.at)) {
          parts.push(whole.subarray(at, Math.max(at, place.at)));
          at = Math.max(at, place.at);
          if (place.bytes < 0) at -= place.bytes;
          else parts.push(Buffer.alloc(place.bytes, place.at & 0xff));
        }
        const file = await save(folder, 'out.ts', Buffer.concat([...parts, whole.subarray(at)]));
        await readTidy(file).catch(allowRefusal);
      }),
      { numRuns: 30 },
    );
    const file = await save(folder, 'whole.ts', whole);
    const { index, findings } = await readTidy(file);
    expect(findings).toEqual([]);
    const expected = await indexOf(await save(folder, 'plain.ts', plain));
    const timesOf = ({ pictures, sound }: MediaIndex) =>
      [pictures!.units, sound!.packets].map((all) => all.map(({ pts }) => pts));
    expect(timesOf(index)).toEqual(timesOf(expected));
  });
});

function packed(plain: Buffer, stride: number): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < plain.length; at += 188) {
    const packet = plain.subarray(at, at + 188);
    const more = Buffer.from(Array.from({ length: stride - 188 }, (_, n) => (at * 3 + n) & 0xff));
    parts.push(...(stride === 192 ? [more, packet] : [packet, more]));
  }
  return Buffer.concat(parts);
}

async function readTidy(file: string) {
  const path = (n: number) => join(folder, `tidy-${n}.ts`);
  const files = [{ path: file, take: 'all' as const }];
  const tidy = await tidyTransportStream({ files }, path, new AbortController().signal);
  const index = await readAll(tidy.whole);
  return { index, findings: tidy.findings };
}

async function readAll(file: string): Promise<MediaIndex> {
  const index = await indexOf(file);
  const { pictures, sound } = index;
  const reader = new FileReader();
  try {
    for (const unit of pictures?.units ?? []) await pictures!.read(reader, unit);
    for (const packet of sound?.packets ?? []) await sound!.read(reader, packet);
    expect(Number.isFinite(sound?.endPts ?? 0)).toBe(true);
    return index;
  } finally {
    await reader.close();
  }
}

function allowRefusal(error: unknown): void {
  if (!(error instanceof NotCopyableError)) throw error;
}
