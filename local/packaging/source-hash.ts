import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

/** What templates and bundles are made of, relative to the repository. */
const SOURCES = [
  'services',
  'shared',
  'package.json',
  'package-lock.json',
  'serverless-compose.yml',
  'tsconfig.json',
];

/** A hash of everything that packaging reads: the same hash means the same templates and bundles. */
export async function sourceHash(root: string): Promise<string> {
  const found = await Promise.all(SOURCES.map((source) => filesUnder(join(root, source))));
  const hash = createHash('sha256');
  for (const file of found.flat().sort()) {
    const content = await readFile(file);
    // Lengths keep apart what would otherwise run together.
    hash
      .update(`${relative(root, file).split(sep).join('/')}\n${content.length}\n`)
      .update(content);
  }
  return hash.digest('hex');
}

async function filesUnder(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch((error) => {
    if (error.code === 'ENOTDIR') return undefined;
    throw error;
  });
  if (!entries) return [path];
  const nested = await Promise.all(
    entries
      // Outputs and tests are no part of any bundle.
      .filter(({ name }) => !name.startsWith('.') && !name.endsWith('.test.ts'))
      .map((entry) =>
        entry.isDirectory() ? filesUnder(join(path, entry.name)) : [join(path, entry.name)],
      ),
  );
  return nested.flat();
}
