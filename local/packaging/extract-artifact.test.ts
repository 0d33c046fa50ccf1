import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strToU8, zipSync } from 'fflate';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { extractArtifact } from './extract-artifact.ts';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'splicebus-extract-'));
});

afterEach(() => rm(directory, { recursive: true, force: true }));

async function zip(files: Record<string, string>): Promise<string> {
  const path = join(directory, 'function.zip');
  const entries = Object.entries(files).map(([name, text]) => [name, strToU8(text)]);
  await writeFile(path, zipSync(Object.fromEntries(entries)));
  return path;
}

describe('extracting an artifact', () => {
  it('writes every file of the archive', async () => {
    const extracted = await extractArtifact(
      await zip({ 'src/': '', 'src/handler.cjs': 'code', 'src/handler.cjs.map': 'map' }),
      join(directory, 'out'),
    );
    expect(await readFile(join(extracted, 'src/handler.cjs'), 'utf8')).toBe('code');
    expect(await readFile(join(extracted, 'src/handler.cjs.map'), 'utf8')).toBe('map');
  });

  it('extracts the same content once, and other content elsewhere', async () => {
    const parent = join(directory, 'out');
    const first = await extractArtifact(await zip({ 'a.cjs': '1' }), parent);
    await writeFile(join(first, 'witness'), '');
    const again = await extractArtifact(await zip({ 'a.cjs': '1' }), parent);
    const other = await extractArtifact(await zip({ 'a.cjs': '2' }), parent);
    expect(again).toBe(first);
    expect(await readdir(first)).toContain('witness');
    expect(await readFile(join(other, 'a.cjs'), 'utf8')).toBe('2');
  });

  it('survives two that extract at the same time', async () => {
    const path = await zip({ 'a.cjs': '1' });
    const parent = join(directory, 'out');
    const [one, two] = await Promise.all([
      extractArtifact(path, parent),
      extractArtifact(path, parent),
    ]);
    expect(one).toBe(two);
    expect(await readdir(parent)).toHaveLength(1);
  });

  it.each(['../evil.cjs', 'a/../../evil.cjs', '/evil.cjs', '..\\evil.cjs', 'C:\\evil.cjs'])(
    'refuses an entry named %s, and writes nothing',
    async (name) => {
      const parent = join(directory, 'out');
      await expect(
        extractArtifact(await zip({ 'good.cjs': '', [name]: '' }), parent),
      ).rejects.toMatchObject({ name: 'PackagingError', code: 'UnsafeArtifact' });
      expect(await readdir(directory)).toEqual(['function.zip']);
    },
  );
});
