import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NotCopyableError } from '../not-copyable.ts';
import { FileReader } from '../source/file-reader.ts';
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
        await readAll(await save(folder, 'damaged.ts', bytes)).catch(allowRefusal);
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

async function readAll(file: string): Promise<void> {
  const { pictures, sound } = await indexOf(file);
  const reader = new FileReader();
  try {
    for (const unit of pictures?.units ?? []) await pictures!.read(reader, unit);
    for (const packet of sound?.packets ?? []) await sound!.read(reader, packet);
    expect(Number.isFinite(sound?.endPts ?? 0)).toBe(true);
  } finally {
    await reader.close();
  }
}

function allowRefusal(error: unknown): void {
  if (!(error instanceof NotCopyableError)) throw error;
}
