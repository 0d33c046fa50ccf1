import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rmdir, writeFile } from 'node:fs/promises';
import { dirname, relative } from 'node:path';

/** Codes with which a path says that there is no such file; a name too long can never have been one. */
const MISSING = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG']);

/** Passes undefined on when the file is missing; for `.catch`. */
export function undefinedIfMissing(error: unknown): undefined {
  if (!MISSING.has(errorCode(error) ?? '')) throw error;
}

/** The system's code of an error, such as `ENOENT`. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

/** A file of ours, parsed; undefined when it is missing. */
export async function readJson<Content>(path: string): Promise<Content | undefined> {
  const text = await readFile(path, 'utf8').catch(undefinedIfMissing);
  return text === undefined ? undefined : (JSON.parse(text) as Content);
}

/** Writes a file of ours so that a reader, or a restart after a crash, sees the old or the new one. */
export async function writeJson(path: string, content: object): Promise<void> {
  const temporary = `${path}.${randomUUID()}`;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(temporary, JSON.stringify(content));
  await rename(temporary, path);
}

/** Moves a file to where its folder may not exist yet, or may vanish just now (removeEmptyFolders). */
export async function moveInto(from: string, to: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    await mkdir(dirname(to), { recursive: true });
    try {
      await rename(from, to);
      return;
    } catch (error) {
      if (errorCode(error) !== 'ENOENT' || attempt === 10) throw error;
    }
  }
}

/** Removes a folder and those above it, up to but without `root`, as long as they are empty. */
export async function removeEmptyFolders(folder: string, root: string): Promise<void> {
  for (let at = folder; isBelow(at, root); at = dirname(at)) {
    try {
      await rmdir(at);
    } catch {
      return; // not empty, or somebody else was faster: both are fine
    }
  }
}

function isBelow(path: string, root: string): boolean {
  const way = relative(root, path);
  return way !== '' && !way.startsWith('..');
}
