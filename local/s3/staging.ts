import { open, rm } from 'node:fs/promises';

/** A finished temporary file. */
export interface StagedFile {
  readonly path: string;
  readonly sizeBytes: number;
}

/**
 * Streams bytes into a new file; only the chunk at hand is in memory.
 * When the source fails, nothing is left behind.
 */
export async function stage(source: AsyncIterable<Buffer>, path: string): Promise<StagedFile> {
  let sizeBytes = 0;
  const file = await open(path, 'wx');
  try {
    for await (const chunk of source) {
      await file.appendFile(chunk);
      sizeBytes += chunk.length;
    }
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
  return { path, sizeBytes };
}

/** Hands a temporary file to `use`, and removes it unless `use` has moved it away. */
export async function withStaged<File extends StagedFile, Result>(
  file: File,
  use: (file: File) => Promise<Result>,
): Promise<Result> {
  try {
    return await use(file);
  } finally {
    await rm(file.path, { force: true });
  }
}
