import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { MediaWriter } from './media-writer.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'splicebus-media-writer-'));
});
afterAll(() => rm(folder, { recursive: true }));

const lengths = fc.array(fc.oneof(fc.nat(1_000), fc.nat(5 << 20)), { maxLength: 12 });

it('writes what it is given, and over it, whoever uses the bytes anew meanwhile', async () => {
  const path = join(folder, 'file');
  await fc.assert(
    fc.asyncProperty(lengths, async (all) => {
      const expected: Buffer[] = [Buffer.from('head')];
      const writer = await MediaWriter.create(path);
      await writer.write(Buffer.alloc(4));
      for (const length of all) {
        const bytes = randomBytes(length);
        expected.push(Buffer.from(bytes));
        await writer.write(bytes);
        bytes.fill(0);
        expect(writer.position).toBe(expected.reduce((sum, one) => sum + one.length, 0));
      }
      await writer.overwrite(0, Buffer.from('head'));
      await writer.close();
      expect((await readFile(path)).equals(Buffer.concat(expected))).toBe(true);
    }),
    { numRuns: 40 },
  );
});

it('tells what cannot be written', async () => {
  const writer = await MediaWriter.create('/dev/full');
  const bytes = Buffer.alloc(3 << 20);
  const writing = async () => {
    for (let n = 0; n < 3; n++) await writer.write(bytes);
  };
  await expect(writing()).rejects.toMatchObject({ code: 'ENOSPC' });
  await writer.close();
});
