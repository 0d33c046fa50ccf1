import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';
import { PackagingError } from './packaging-error.ts';

/**
 * Extracts a function's artifact as Lambda does to /var/task, into a directory of its own under
 * `parent`, named for the archive's content: the same artifact is extracted only once.
 * @returns the directory
 * @throws PackagingError `UnsafeArtifact` when an entry would land outside of it
 */
export async function extractArtifact(zipPath: string, parent: string): Promise<string> {
  const archive = await readFile(zipPath);
  const hash = createHash('sha256').update(archive).digest('hex').slice(0, 32);
  const directory = join(parent, hash);
  if (existsSync(directory)) return directory;

  const files = Object.entries(unzipSync(archive)).filter(([name]) => !name.endsWith('/'));
  for (const [name] of files) {
    if (!isInside(name)) {
      throw new PackagingError(
        'UnsafeArtifact',
        `${zipPath} has an entry that leads out of its directory: ${JSON.stringify(name)}. Package again.`,
      );
    }
  }
  await mkdir(parent, { recursive: true });
  // Renamed when complete, so that nobody ever runs half an artifact.
  const staging = await mkdtemp(join(parent, '.extracting-'));
  try {
    for (const [name, content] of files) {
      const path = join(staging, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, content);
    }
    await rename(staging, directory);
  } catch (error) {
    await rm(staging, { recursive: true, force: true });
    // Another process was faster, with the same content.
    if (!existsSync(directory)) throw error;
  }
  return directory;
}

function isInside(name: string): boolean {
  return !/^[/\\]|^[a-z]:|\0/i.test(name) && !name.split(/[/\\]/).includes('..');
}
