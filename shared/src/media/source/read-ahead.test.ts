import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ReadAhead } from './read-ahead.ts';

const MB = 1 << 20;
/** Several blocks, one that ends with a block, one shorter than a block, none. */
const SIZES = [9 * MB + 12_345, 4 * MB, 777, 0];

let folder: string;
let files: { path: string; content: Buffer }[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'splicebus-read-ahead-'));
  files = SIZES.map((size, n) => ({ path: join(folder, String(n)), content: randomBytes(size) }));
  for (const { path, content } of files) await writeFile(path, content);
});
afterAll(() => rm(folder, { recursive: true }));

/** A place and a length, short mostly, as pictures are; some longer than blocks. */
const pieces = fc.array(
  fc.record({
    file: fc.nat(SIZES.length - 1),
    start: fc.nat(10 * MB),
    length: fc.oneof(fc.nat(100_000), fc.nat(5 * MB)),
    isNext: fc.boolean(),
  }),
  { minLength: 1, maxLength: 30 },
);

it('reads what is there, in whatever order it is asked for', async () => {
  await fc.assert(
    fc.asyncProperty(pieces, async (asked) => {
      const reader = new ReadAhead();
      let at = { file: 0, end: 0 };
      try {
        for (const { file, start, length, isNext } of asked) {
          const from = isNext ? at : { file, end: start };
          const { path, content } = files[from.file]!;
          const read = await reader.read(path, from.end, from.end + length);
          expect(read.equals(content.subarray(from.end, from.end + length))).toBe(true);
          at = { file: from.file, end: from.end + length };
        }
      } finally {
        await reader.close();
      }
    }),
    { numRuns: 60 },
  );
});

it('tells what cannot be read, and can be closed all the same', async () => {
  const reader = new ReadAhead();
  await expect(reader.read(join(folder, 'none'), 0, 1)).rejects.toMatchObject({ code: 'ENOENT' });
  await reader.close();
});
