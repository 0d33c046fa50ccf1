import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PermanentError } from '../errors.ts';

/**
 * Gives the work a folder of its own, which is gone afterwards, however the work ends.
 * @throws what the work throws; PermanentError `DISK_TOO_SMALL` where the disk was full
 */
export async function withWorkspace<Result>(
  work: (folder: string) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'splicebus-'));
  try {
    return await work(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    throw new PermanentError(
      'DISK_TOO_SMALL',
      'The temporary space of the function was used up: ask for shorter segments, or raise ephemeralStorageSize.',
      { cause: error },
    );
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}
